package domain

import (
	"strconv"
	"strings"
	"time"
)

// spell writes data down so that equal data, and only those, read the same.
func spell(d Data) string {
	s := speller{texts: map[string]bool{}}
	d.Members(&s)
	return s.all.String()
}

// speller visits members and writes them down.
type speller struct {
	all   strings.Builder
	texts map[string]bool // every text that it has met
}

func (s *speller) member(name, value string) {
	s.all.WriteString(name + "=" + value + "\n")
}

func (s *speller) Text(name string, at *string, _ Form) {
	s.texts[*at] = true
	s.member(name, strconv.Quote(*at))
}

func (s *speller) Count(name string, at *int64, _ Form) {
	s.member(name, strconv.FormatInt(*at, 10))
}

func (s *speller) Flag(name string, at *bool, _ Form) {
	s.member(name, strconv.FormatBool(*at))
}

func (s *speller) Instant(name string, at *time.Time, _ Form) {
	s.member(name, at.UTC().Format(time.RFC3339Nano))
}

func (s *speller) Instants(name string, at *[]time.Time) {
	for i := range *at {
		s.Instant(name, &(*at)[i], Free)
	}
}

func (s *speller) Texts(name string, at *[]string) {
	for i := range *at {
		s.Text(name, &(*at)[i], Free)
	}
}

func (s *speller) Object(name string, at Data, _ Form) {
	s.member(name, "{")
	at.Members(s)
	s.member(name, "}")
}

func (s *speller) List(name string, of Items) {
	for i := range of.Len() {
		s.Object(name, of.At(i), Free)
	}
}
