// Package text holds the texts of the console in English and Russian, and formats numbers,
// amounts, instants and durations.
//
// The package knows no page and no ledger. It translates no stored text, such as the label of
// a device or the detail of a refusal.
//
// # Decisions
//
//   - The catalogues are Go maps by symbolic key. A test proves that every key has a text in
//     both languages, and that a template or a program file uses the key. Given up: files that a
//     translator can edit without Go.
//   - golang.org/x/text chooses the language from Accept-Language and selects plural forms,
//     because Russian has three of them. Given up: a program without tables of languages.
//   - Instants are in UTC in both languages, as in records and in the API, so that a person can
//     compare a page with a record. Only days of withdrawal limits have another zone.
package text

import (
	"strings"
	"sync"
	"time"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/message/catalog"
)

// forms is a text with a number, in the plural forms of a language.
type forms struct{ one, few, many, other string }

// catalogue holds the texts of one language, by key: a string or forms.
type catalogue map[string]any

var catalogues = map[string]catalogue{"en": english, "ru": russian}

// Languages returns the codes of the languages, the default first.
func Languages() []string { return []string{"en", "ru"} }

// The tables of languages are built at their first use, because most commands of the program show
// no page.
var (
	matcher = sync.OnceValue(func() language.Matcher {
		return language.NewMatcher([]language.Tag{language.English, language.Russian})
	})
	printers = sync.OnceValue(build)
)

// Printer returns texts of one language. It is safe for concurrent use.
type Printer struct {
	Language string // en or ru
	texts    catalogue
	tag      language.Tag
	builder  *catalog.Builder
}

// build panics if a text has an invalid format. Each test of a text would fail.
func build() map[string]*Printer {
	all := make(map[string]*Printer, len(catalogues))
	for name, texts := range catalogues {
		tag := language.Make(name)
		b := catalog.NewBuilder(catalog.Fallback(tag))
		for key, value := range texts {
			var err error
			switch value := value.(type) {
			case string:
				err = b.SetString(tag, key, value)
			case forms:
				err = b.Set(tag, key, value.message())
			}
			if err != nil {
				panic("console: text " + key + ": " + err.Error())
			}
		}
		all[name] = &Printer{Language: name, texts: texts, tag: tag, builder: b}
	}
	return all
}

func (f forms) message() catalog.Message {
	var cases []any
	for _, c := range []struct {
		form plural.Form
		text string
	}{{plural.One, f.one}, {plural.Few, f.few}, {plural.Many, f.many}, {plural.Other, f.other}} {
		if c.text != "" {
			cases = append(cases, c.form, c.text)
		}
	}
	return plural.Selectf(1, "%d", cases...)
}

// For returns the printer of a language, nil for an unknown code.
func For(code string) *Printer { return printers()[code] }

// Match returns the printer of the language that an Accept-Language header prefers.
func Match(accept string) *Printer {
	tags, _, err := language.ParseAcceptLanguage(accept)
	if err != nil {
		return printers()["en"]
	}
	_, i, _ := matcher().Match(tags...)
	return printers()[Languages()[i]]
}

// T returns the text with a key. It returns the key itself for an unknown key.
func (p *Printer) T(key string, args ...any) string {
	if _, ok := p.texts[key]; !ok {
		return key
	}
	return message.NewPrinter(p.tag, message.Catalog(p.builder)).Sprintf(key, args...)
}

// Has reports whether the catalogue has a text with the key.
func (p *Printer) Has(key string) bool { _, ok := p.texts[key]; return ok }

// Name returns the name of a stored value, such as the class of a device. A value without a
// name in the catalogue is its own name.
func (p *Printer) Name(family, value string) string {
	if key := family + "." + value; p.Has(key) {
		return p.T(key)
	}
	return value
}

// Count returns a number with the separators of the language.
func (p *Printer) Count(n int64) string {
	return message.NewPrinter(p.tag).Sprintf("%d", n)
}

// Money returns a decimal number with the separators of the language, with all its digits.
func (p *Printer) Money(decimal string) string {
	whole, cents, hasCents := strings.Cut(decimal, ".")
	separator, point := ",", "."
	if p.Language == "ru" {
		separator, point = "\u00a0", ","
	}
	var b strings.Builder
	for i, digit := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(separator)
		}
		b.WriteRune(digit)
	}
	if hasCents {
		b.WriteString(point + cents)
	}
	return b.String()
}

// Instant returns an instant in UTC, exact to the second, with the zone.
func (p *Printer) Instant(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

// Duration returns a duration in at most two units, without a sign.
func (p *Printer) Duration(d time.Duration) string {
	d = d.Abs()
	switch {
	case d < time.Minute:
		return p.T("unit.second", int64(d/time.Second))
	case d < time.Hour:
		return p.T("unit.minute", int64(d/time.Minute))
	case d < 24*time.Hour:
		return p.two("unit.hour", int64(d/time.Hour), "unit.minute", int64(d%time.Hour/time.Minute))
	}
	return p.two("unit.day", int64(d/(24*time.Hour)), "unit.hour", int64(d%(24*time.Hour)/time.Hour))
}

func (p *Printer) two(greater string, n int64, smaller string, m int64) string {
	if m == 0 {
		return p.T(greater, n)
	}
	return p.T(greater, n) + "\u00a0" + p.T(smaller, m)
}
