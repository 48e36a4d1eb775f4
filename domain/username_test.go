package domain

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestNamePatterns(t *testing.T) {
	for _, c := range []struct {
		pattern string
		ok      bool
	}{
		{"^[a-z0-9]{1,64}$", true},
		{"^[a-z_][a-z0-9_.-]{0,63}$", true},
		{"^[a]{1,1}$", true},
		{"^[-a]{1,9}$", true},
		{"^[a-]{1,9}$", true},
		{"^[!-.]{1,9}$", true},
		{"^[a-z]{128,128}$", true},
		{"^[a-z][a-z]{0,127}$", true},
		{"^[a-z]{1,129}$", false},
		{"^[a-z][a-z]{0,128}$", false},
		{"^[a-z]{0,64}$", false},    // allows the empty name
		{"^[a-z]{2,1}$", false},     // allows no name
		{"^[a-z]{01,64}$", false},   // a regular expression treats {01,64} as text
		{"^[a-z]{+1,64}$", false},   //
		{"^[a-z]{-1,64}$", false},   //
		{"^[a-z]{1,}$", false},      // no bound
		{"^[a-z]{1}$", false},       //
		{"^[a-z]+$", false},         //
		{"[a-z]{1,64}$", false},     // no anchor
		{"^[a-z]{1,64}", false},     //
		{"^[a-z]{1,64}$\n", false},  //
		{"^[a-z]{1,64}$|.*", false}, // an alternative
		{"^[a][b][c]{1,64}$", false},
		{"^[]{1,64}$", false},
		{"^[^a]{1,64}$", false},
		{"^[z-a]{1,64}$", false},
		{`^[\w]{1,64}$`, false},
		{"^[[:alpha:]]{1,64}$", false},
		{"^[a-я]{1,64}$", false},
		{"^[ a]{1,64}$", false},
		{"^[a/]{1,64}$", false}, // names are parts of paths
		{"^[.-9]{1,64}$", false},
		{"^[!-~]{1,64}$", false},
		{"^a{1,64}$", false},
		{"^", false},
		{"", false},
		{"^[a-z]{1,99999999999999999999}$", false},
	} {
		if _, err := parseNamePattern(c.pattern); (err == nil) != c.ok {
			t.Errorf("pattern %q: got %v, want valid %v (LOGIN-1, A-43)", c.pattern, err, c.ok)
		}
	}
}

// An invalid pattern matches no name.
func TestInvalidPattern_MatchesNoName(t *testing.T) {
	p := with(IBKRSLS(), func(p *Policy) { p.UsernamePattern = ".*" })
	for _, name := range []string{"", "a", "alice"} {
		if p.BadName(name) == nil {
			t.Errorf("name %q, invalid pattern: got it valid, want a bad name", name)
		}
	}
}

// A policy that was not compiled gives the same results as a compiled policy.
func TestBadName_OfUncompiledPolicy(t *testing.T) {
	raw := Policy{UsernamePattern: "^[ab]{1,2}$"}
	if raw.BadName("ab") != nil || *raw.BadName("ac") != (BadName{2, "c"}) {
		t.Errorf("pattern ^[ab]{1,2}$: got %v of ab and %v of ac, want nil and character c at 2",
			raw.BadName("ab"), raw.BadName("ac"))
	}
}

// TestBadName_AgreesWithRegexp is LOGIN-1: a name is valid if the pattern matches it as a regular
// expression. Otherwise BadName returns the first character after which no continuation can match.
func TestBadName_AgreesWithRegexp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pattern := drawPattern(t)
		p, err := parseNamePattern(pattern)
		if err != nil {
			t.Skip(err)
		}
		oracle := regexp.MustCompile(pattern)
		name := string(rapid.SliceOfN(rapid.SampledFrom([]rune("aabbmz059_.-!~AЖ\u0000 é/\n")), 0,
			p.lengthMax+2).Draw(t, "name"))
		bad := p.bad(name)
		if matches := oracle.MatchString(name); matches != (bad == nil) {
			t.Fatalf("pattern %s, name %q: got %v, want a match %t of regexp", pattern, name, bad, matches)
		}
		if bad == nil {
			return
		}
		runes := []rune(name)
		before := string(runes[:bad.Position-1])
		if !extends(&p, oracle, before) {
			t.Fatalf("pattern %s, name %q: got %v, want an earlier character", pattern, name, bad)
		}
		if bad.Character == "" {
			if int(bad.Position) != len(runes)+1 {
				t.Fatalf("pattern %s, name %q: got %v, want the character at that position", pattern, name, bad)
			}
			return
		}
		if bad.Character != string(runes[bad.Position-1]) || extends(&p, oracle, before+bad.Character) {
			t.Fatalf("pattern %s, name %q: got %v, want an invalid character there", pattern, name, bad)
		}
	})
}

// extends reports whether start followed by allowed characters can match.
func extends(p *namePattern, oracle *regexp.Regexp, start string) bool {
	allowed := func(class *[utf8.RuneSelf]bool) string {
		for c, in := range class {
			if in {
				return string(rune(c))
			}
		}
		return ""
	}
	if start == "" {
		start = allowed(&p.first)
	}
	missing := max(p.lengthMin-utf8.RuneCountInString(start), 0)
	return oracle.MatchString(start + strings.Repeat(allowed(&p.rest), missing))
}

// drawPattern draws a valid pattern or a text that resembles one.
func drawPattern(t *rapid.T) string {
	atom := rapid.SampledFrom([]string{"a-z", "a-m", "0-9", "A-Z", "_", ".", "-", "m-", "!-.", "z-a", "5",
		".-9", "Ж"})
	class := rapid.Map(rapid.SliceOfN(atom, 1, 4),
		func(atoms []string) string { return "[" + strings.Join(atoms, "") + "]" })
	first := ""
	if rapid.Bool().Draw(t, "two classes") {
		first = class.Draw(t, "first")
	}
	low := rapid.IntRange(0, 4).Draw(t, "low")
	high := low + rapid.IntRange(0, 4).Draw(t, "more")
	return fmt.Sprintf("^%s%s{%d,%d}$", first, class.Draw(t, "rest"), low, high)
}
