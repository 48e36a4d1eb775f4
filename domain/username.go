package domain

import (
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"
)

// namePattern is the parsed username pattern of a policy: "^[class]{m,n}$" or
// "^[class][class]{m,n}$" with ASCII classes. For these patterns every name that does not match
// has a first invalid character (LOGIN-1, A-43).
type namePattern struct {
	first, rest          [utf8.RuneSelf]bool
	lengthMin, lengthMax int
}

// nameLengthMost is the maximum length that a pattern may allow, because names are keys.
const nameLengthMost = 128

var errPattern = errors.New("want ^[class]{m,n}$ or ^[class][class]{m,n}$ with ASCII classes, at most " + strconv.Itoa(nameLengthMost) + " characters")

func parseNamePattern(s string) (p namePattern, err error) {
	s, anchored := strings.CutPrefix(s, "^")
	if p.rest, s, err = parseClass(s); err != nil || !anchored {
		return p, errPattern
	}
	p.first = p.rest
	extra := 0
	if strings.HasPrefix(s, "[") {
		extra = 1
		if p.rest, s, err = parseClass(s); err != nil {
			return p, errPattern
		}
	}
	bounds, ok := strings.CutPrefix(s, "{")
	bounds, ok2 := strings.CutSuffix(bounds, "}$")
	low, high, ok3 := strings.Cut(bounds, ",")
	m, _ := strconv.Atoi(low)
	n, _ := strconv.Atoi(high)
	// A regular expression treats {01,64} as text, so only numbers without leading zeros are valid.
	plain := strconv.Itoa(m) == low && strconv.Itoa(n) == high
	p.lengthMin, p.lengthMax = m+extra, n+extra
	if !ok || !ok2 || !ok3 || !plain || m < 0 || m > n || p.lengthMin < 1 || n > nameLengthMost-extra {
		return p, errPattern
	}
	return p, nil
}

// parseClass parses a class such as "[a-z0-9_.-]" and returns the rest of s. A dash at the
// beginning or end is a literal dash.
func parseClass(s string) (class [utf8.RuneSelf]bool, rest string, err error) {
	body, rest, ok := strings.Cut(strings.TrimPrefix(s, "["), "]")
	if !ok || !strings.HasPrefix(s, "[") || body == "" || strings.ContainsAny(body, `^\[`) {
		return class, s, errPattern
	}
	for i := 0; i < len(body); i++ {
		low, high := body[i], body[i]
		if i+2 < len(body) && body[i+1] == '-' {
			high = body[i+2]
			i += 2
		}
		if low <= ' ' || high >= utf8.RuneSelf-1 || low > high {
			return class, s, errPattern
		}
		for c := low; c <= high; c++ {
			class[c] = true
		}
	}
	if class['/'] { // names are parts of entities and paths; a range such as .-9 includes the slash
		return class, s, errPattern
	}
	return class, rest, nil
}

// bad returns the first character of name that does not match, nil if the name matches.
func (p *namePattern) bad(name string) *BadName {
	position := 0
	for _, r := range name {
		class := &p.rest
		if position == 0 {
			class = &p.first
		}
		position++
		if position > p.lengthMax || r >= utf8.RuneSelf || !class[r] {
			return &BadName{int64(position), string(r)}
		}
	}
	if position < p.lengthMin {
		return &BadName{Position: int64(position) + 1}
	}
	return nil
}

// BadName returns the first character of a user name that does not match the pattern of p, nil
// if the name matches (LOGIN-1) or is a pseudonym (PERSON-5).
func (p *Policy) BadName(name string) *BadName {
	if IsPseudonym(name) {
		return nil
	}
	if p.compiled == nil {
		p = p.Compiled()
	}
	return p.compiled.names.bad(name)
}

func decimal(n int64) string { return strconv.FormatInt(n, 10) }
