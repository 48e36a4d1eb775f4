package text

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"authledger/domain"
	"authledger/domain/access"
)

func TestCataloguesHaveTheSameKeys(t *testing.T) {
	for key := range english {
		if _, ok := russian[key]; !ok {
			t.Errorf("russian: got no text with the key %s, want one", key)
		}
	}
	for key := range russian {
		if _, ok := english[key]; !ok {
			t.Errorf("english: got no text with the key %s, want one", key)
		}
	}
}

var arguments = regexp.MustCompile(`%\[\d\][ds]`)

func TestTextsHaveTheSameArguments(t *testing.T) {
	list := func(text any) []string {
		s, ok := text.(string)
		if f, isForms := text.(forms); isForms {
			s, ok = f.other, true
		}
		if !ok {
			t.Fatalf("got a text of type %T, want string or forms", text)
		}
		found := arguments.FindAllString(s, -1)
		slices.Sort(found)
		return slices.Compact(found)
	}
	for key := range english {
		if en, ru := list(english[key]), list(russian[key]); !slices.Equal(en, ru) {
			t.Errorf("%s: got arguments %q in English and %q in Russian, want the same", key, en, ru)
		}
	}
}

// families are the keys that the console builds from a stored value.
var families = []string{
	"class.", "event.", "family.", "found.", "kind.", "language.", "mark.", "method.", "off.", "part.",
	"platform.",
	"reason.", "role.",
	"state.", "status.", "failure.", "column.", "verified.",
	"act.", "policy.", "delivery.", "field.", "hint.", "note.", "option.", "outcome.", "whatif.", "work.",
}

func TestKeysAreUsed(t *testing.T) {
	var all strings.Builder
	err := filepath.WalkDir("..", func(path string, _ fs.DirEntry, err error) error {
		isSource := strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") &&
			(filepath.Dir(path) == ".." || path == "../text/text.go")
		if err != nil || !isSource && !strings.HasSuffix(path, ".html") {
			return err
		}
		text, err := os.ReadFile(path)
		all.Write(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	source := all.String()
	for key := range english {
		isOfFamily := slices.ContainsFunc(families, func(f string) bool { return strings.HasPrefix(key, f) })
		of, suffix, _ := strings.Cut(key, ".")
		isOfBars := (of == "reasons" || of == "sources") && strings.Contains(source, `id + ".`+suffix+`"`)
		if !isOfFamily && !isOfBars && !strings.Contains(source, `"`+key+`"`) {
			t.Errorf("%s: got a text that no page uses, want it removed", key)
		}
	}
	for _, used := range regexp.MustCompile(`\bT "([a-z0-9.]+)"`).FindAllStringSubmatch(source, -1) {
		if _, ok := english[used[1]]; !ok {
			t.Errorf("a template uses the key %s: got no text, want one", used[1])
		}
	}
	for _, used := range regexp.MustCompile(`\bT\("([a-z0-9.]+)"`).FindAllStringSubmatch(source, -1) {
		if _, ok := english[used[1]]; !ok {
			t.Errorf("a program file uses the key %s: got no text, want one", used[1])
		}
	}
}

func TestStoredValuesHaveNames(t *testing.T) {
	want := map[string][]string{"event": domain.EventTypes(), "role": {"open", "local"}}
	for _, role := range access.Roles() {
		want["role"] = append(want["role"], string(role))
	}
	for family, values := range want {
		for _, value := range values {
			if !For("ru").Has(family + "." + value) {
				t.Errorf("%s %s: got no name, want one", family, value)
			}
		}
	}
}

func TestPluralForms(t *testing.T) {
	for n, want := range map[int64]string{1: "осталась 1 попытка", 2: "осталось 2 попытки",
		5: "осталось 5 попыток", 21: "осталась 21 попытка"} {
		if got := For("ru").T("aloud.1.failures", n); !strings.Contains(got, want) {
			t.Errorf("%d: got %q, want it to contain %q", n, got, want)
		}
	}
}

func TestFormats(t *testing.T) {
	en, ru := For("en"), For("ru")
	for _, c := range []struct{ got, want string }{
		{en.Money("1234567.80"), "1,234,567.80"}, {ru.Money("1234567.80"), "1\u00a0234\u00a0567,80"},
		{en.Money("7"), "7"},
		{en.Count(12345), "12,345"}, {ru.Count(12345), "12\u00a0345"},
		{en.Duration(59 * time.Second), "59 s"}, {en.Duration(90 * time.Minute), "1 h\u00a030 min"},
		{ru.Duration(-50 * time.Hour), "2 дн.\u00a02 ч"},
		{en.Name("class", "no_such"), "no_such"}, {Match("ru-RU,en;q=0.5").Language, "ru"},
		{Match("de").Language, "en"}, {Match(";;").Language, "en"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}
