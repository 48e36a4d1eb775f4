package render

import (
	"strconv"
	"strings"
	"time"
	"unicode"

	"authledger/domain"
)

// Members returns the members of data as name=value, without absent members.
func Members(data domain.Data) []string {
	var list memberList
	data.Members(&list)
	return list.all
}

// formatEvent returns an event as one line.
func formatEvent(e domain.Event) string {
	return strings.Join(append([]string{e.Data.EventType()}, Members(e.Data)...), " ")
}

// memberList visits members and collects their texts.
type memberList struct {
	inside string
	all    []string
}

func (l *memberList) text() string { return strings.Join(l.all, " ") }

func (l *memberList) add(name, value string) { l.all = append(l.all, l.inside+name+"="+value) }

func (l *memberList) Text(name string, at *string, f domain.Form) {
	if *at != "" || f.Need {
		l.add(name, Text(*at))
	}
}

func (l *memberList) Count(name string, at *int64, f domain.Form) {
	if *at != 0 || f.Need {
		l.add(name, strconv.FormatInt(*at, 10))
	}
}

func (l *memberList) Flag(name string, at *bool, f domain.Form) {
	if *at || f.Need {
		l.add(name, strconv.FormatBool(*at))
	}
}

func (l *memberList) Instant(name string, at *time.Time, f domain.Form) {
	if !at.IsZero() || f.Need {
		l.add(name, Time(*at))
	}
}

func (l *memberList) Instants(name string, at *[]time.Time) {
	for _, t := range *at {
		l.add(name, Time(t))
	}
}

func (l *memberList) Texts(name string, at *[]string) {
	for _, s := range *at {
		l.add(name, Text(s))
	}
}

func (l *memberList) Object(name string, at domain.Data, _ domain.Form) {
	outer := l.inside
	l.inside += name + "."
	at.Members(l)
	l.inside = outer
}

func (l *memberList) List(name string, of domain.Items) {
	for i := range of.Len() {
		l.Object(name+"["+strconv.Itoa(i)+"]", of.At(i), domain.Need)
	}
}

// Text quotes a text that is empty or contains spaces, = or control characters.
func Text(s string) string {
	if quoted := strconv.Quote(s); len(quoted) != len(s)+2 || strings.ContainsAny(s, " =") || s == "" {
		return quoted
	}
	return s
}

// Printable replaces each character that is not printable, such as the escape that begins a
// command to a terminal, by its escape sequence in Go. It is for the texts of a node or a proxy. A
// byte that is not valid UTF-8 becomes U+FFFD, because some terminals read 0x9b as a command.
func Printable(s string) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	if strings.IndexFunc(s, isNotPrintable) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if isNotPrintable(r) {
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// printableLines returns the lines of a text, each as [Printable] returns it.
func printableLines(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = Printable(line)
	}
	return strings.Join(lines, "\n")
}

func isNotPrintable(r rune) bool { return !unicode.IsPrint(r) }
