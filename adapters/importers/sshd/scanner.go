package sshd

import (
	"bytes"
	"strings"
	"time"
)

// scanner reads the parts of a time one after the other. A part that is missing
// sets failed, and the methods that follow then read nothing.
type scanner struct {
	rest   []byte
	failed bool
}

// number reads least to most digits, and fails if more digits follow.
func (in *scanner) number(least, most int) int {
	digits := leadingDigits(in.rest)
	if in.failed || digits < least || digits > most {
		in.failed = true
		return 0
	}
	n := 0
	for _, digit := range in.rest[:digits] {
		n = n*10 + int(digit-'0')
	}
	in.rest = in.rest[digits:]
	return n
}

// one reads one of the bytes of set and returns it.
func (in *scanner) one(set string) byte {
	if in.failed || len(in.rest) == 0 || strings.IndexByte(set, in.rest[0]) < 0 {
		in.failed = true
		return 0
	}
	b := in.rest[0]
	in.rest = in.rest[1:]
	return b
}

// blank reads one blank, and blanks reads any number of them.
func (in *scanner) blank()  { in.one(" ") }
func (in *scanner) blanks() { in.rest = trimBlanks(in.rest) }

// end reads the blanks after the time. It fails if the time is followed directly by
// another byte.
func (in *scanner) end() {
	if len(in.rest) > 0 && in.rest[0] != ' ' {
		in.failed = true
	}
	in.blanks()
}

// timeOfDay reads "13:08:09" and an optional fraction.
func (in *scanner) timeOfDay(s *stamp) {
	hour := in.number(2, 2)
	in.one(":")
	minute := in.number(2, 2)
	in.one(":")
	second := in.number(2, 2)
	s.nanos = in.fraction()
	s.seconds = (hour*60+minute)*60 + second
	if hour > 23 || minute > 59 || second > 59 {
		s.wrong = wantTime
	}
}

const fractionDigitsMax = 9

// fraction reads a fraction of a second behind a point or a comma, and returns
// 0 if the fraction is missing.
func (in *scanner) fraction() (nanos int) {
	if in.failed || len(in.rest) < 2 || in.rest[0] != '.' && in.rest[0] != ',' {
		return 0
	}
	digits := leadingDigits(in.rest[1:])
	in.rest = in.rest[1:]
	nanos = in.number(1, fractionDigitsMax)
	for range fractionDigitsMax - digits {
		nanos *= 10
	}
	return nanos
}

const yearDigits = 4

// year reads an optional year and the blank behind it.
func (in *scanner) year(s *stamp) {
	if in.failed {
		return
	}
	word, rest := nextWord(in.rest)
	if year := yearIn(word); year != 0 {
		s.year, in.rest = year, trimBlanks(rest)
	}
}

// yearBehind reads a year after the time of day, such as " 2024" or " UTC 2024".
func (in *scanner) yearBehind(s *stamp) {
	if in.failed || s.year != 0 {
		return
	}
	zone, rest := nextWord(in.rest)
	word, behind := zone, rest
	if isAbbreviation(zone) {
		word, behind = nextWord(rest)
	}
	year := yearIn(word)
	if year == 0 {
		return
	}
	s.year, in.rest = year, behind
	if isAbbreviation(zone) {
		s.setZone(zone)
	}
}

// yearIn returns the year in word, or 0 if word is not a year from yearMin on.
func yearIn(word []byte) int {
	in := scanner{rest: word}
	year := in.number(yearDigits, yearDigits)
	if in.failed || len(in.rest) > 0 || year < yearMin {
		return 0
	}
	return year
}

// isoDate reads "2024-03-27", and slashes in place of the hyphens.
func (in *scanner) isoDate(s *stamp) {
	s.year = in.number(yearDigits, yearDigits)
	separator := string(in.one("-/"))
	s.month = time.Month(in.number(2, 2))
	in.one(separator)
	s.day = in.number(2, 2)
	in.one("Tt ")
}

// isoOffset reads Z, +01:00, +0100 or +01, also after blanks, and " UTC".
func (in *scanner) isoOffset(s *stamp) {
	if in.failed || len(in.rest) == 0 {
		return
	}
	word, rest := nextWord(in.rest)
	switch {
	case in.rest[0] != ' ':
		in.failed = !s.setOffset(word)
		in.rest = rest
	case s.setOffset(word):
		in.rest = rest
	}
}

// setOffset takes an offset from UTC, and reports false if word is not an offset.
func (s *stamp) setOffset(word []byte) bool {
	switch string(word) {
	case "Z", "z", "UTC", "GMT":
		s.hasOffset = true
		return true
	}
	in := scanner{rest: word}
	sign := in.one("+-")
	hours, minutes := 0, 0
	if len(word) == len("+01:00") {
		hours = in.number(2, 2)
		in.one(":")
		minutes = in.number(2, 2)
	} else if hours = in.number(2, 4); len(word) == len("+0100") {
		hours, minutes = hours/100, hours%100
	}
	if in.failed || len(in.rest) > 0 || len(word) == len("+001") {
		return false
	}
	if hours > 23 || minutes > 59 {
		s.wrong = wantTime
	}
	s.hasOffset, s.offset = true, (hours*60+minutes)*60
	if sign == '-' {
		s.offset = -s.offset
	}
	return true
}

// setZone takes an offset, or the abbreviation of a zone.
func (s *stamp) setZone(word []byte) {
	if !s.setOffset(word) {
		s.abbreviation = word
	}
}

const (
	abbreviationBytesMin = 2
	abbreviationBytesMax = 5
)

// isAbbreviation reports whether word has the form of a zone's abbreviation,
// such as CET.
func isAbbreviation(word []byte) bool {
	for _, b := range word {
		if b < 'A' || b > 'Z' {
			return false
		}
	}
	return len(word) >= abbreviationBytesMin && len(word) <= abbreviationBytesMax
}

// nextWord skips blanks and returns the next word, and the rest of s from the blank after
// the word.
func nextWord(s []byte) (word, rest []byte) {
	s = trimBlanks(s)
	if end := bytes.IndexByte(s, ' '); end >= 0 {
		return s[:end], s[end:]
	}
	return s, nil
}

func trimBlanks(s []byte) []byte {
	for len(s) > 0 && s[0] == ' ' {
		s = s[1:]
	}
	return s
}

func leadingDigits(s []byte) int {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n
}

func isDigit(b byte) bool { return '0' <= b && b <= '9' }
