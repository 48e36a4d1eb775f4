package explain

import (
	"strconv"
	"strings"
	"time"

	"authledger/domain"
)

// canonical returns a text of data: two values have the same text if and only if their
// members are equal.
func canonical(d domain.Data) string {
	s := writer{texts: map[string]bool{}}
	d.Members(&s)
	return s.all.String()
}

// writer is a visitor that writes each member on a line.
type writer struct {
	all   strings.Builder
	texts map[string]bool // the value of every text member
}

func (s *writer) member(name, value string) {
	s.all.WriteString(name + "=" + value + "\n")
}

func (s *writer) Text(name string, at *string, _ domain.Form) {
	s.texts[*at] = true
	s.member(name, strconv.Quote(*at))
}

func (s *writer) Count(name string, at *int64, _ domain.Form) {
	s.member(name, strconv.FormatInt(*at, 10))
}

func (s *writer) Flag(name string, at *bool, _ domain.Form) {
	s.member(name, strconv.FormatBool(*at))
}

func (s *writer) Instant(name string, at *time.Time, _ domain.Form) {
	s.member(name, at.UTC().Format(time.RFC3339Nano))
}

func (s *writer) Instants(name string, at *[]time.Time) {
	for i := range *at {
		s.Instant(name, &(*at)[i], domain.Free)
	}
}

func (s *writer) Texts(name string, at *[]string) {
	for i := range *at {
		s.Text(name, &(*at)[i], domain.Free)
	}
}

func (s *writer) Object(name string, at domain.Data, _ domain.Form) {
	s.member(name, "{")
	at.Members(s)
	s.member(name, "}")
}

func (s *writer) List(name string, of domain.Items) {
	for i := range of.Len() {
		s.Object(name, of.At(i), domain.Free)
	}
}

// textsOf returns the values of all text members of a command, including its ids.
func textsOf(d domain.Data) map[string]bool {
	s := writer{texts: map[string]bool{}}
	d.Members(&s)
	return s.texts
}
