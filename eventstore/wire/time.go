package wire

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// errTime reports an invalid instant.
var errTime = errors.New("want a time of RFC 3339 such as 2026-03-02T15:09:00Z, with at most nine fractional digits")

// AppendTime appends t as RFC 3339 in UTC, with the fewest fractional digits, at most nine.
func AppendTime(b []byte, t time.Time) []byte {
	return t.UTC().AppendFormat(b, time.RFC3339Nano)
}

// ReadTime reads an instant as a client writes it: as ParseTime does, with T and Z in
// either case (RFC 3339, 5.6). Records and hashes hold the instant in one form.
func ReadTime(text string) (time.Time, error) { return ParseTime([]byte(strings.ToUpper(text))) }

// ParseTime reads an instant of RFC 3339 with any offset. It is stricter than time.Parse: it
// rejects second 60, a comma and a tenth fractional digit.
func ParseTime(s []byte) (time.Time, error) {
	if len(s) < len("2006-01-02T15:04:05Z") || s[4] != '-' || s[7] != '-' || s[10] != 'T' || s[13] != ':' || s[16] != ':' {
		return time.Time{}, errTime
	}
	year, ok1 := digits(s[0:4])
	month, ok2 := digits(s[5:7])
	day, ok3 := digits(s[8:10])
	hour, ok4 := digits(s[11:13])
	minute, ok5 := digits(s[14:16])
	second, ok6 := digits(s[17:19])
	if !(ok1 && ok2 && ok3 && ok4 && ok5 && ok6) || hour > 23 || minute > 59 || second > 59 {
		return time.Time{}, errTime
	}
	nanos, rest, ok := fraction(s[19:])
	if !ok {
		return time.Time{}, errTime
	}
	offset, ok := zoneOffset(rest)
	if !ok {
		return time.Time{}, errTime
	}
	t := time.Date(year, time.Month(month), day, hour, minute, second, nanos, time.UTC)
	if t.Day() != day || int(t.Month()) != month { // Date normalizes an impossible date
		return time.Time{}, errTime
	}
	t = t.Add(-offset)
	if t.Year() < 1 || t.Year() > 9999 {
		return time.Time{}, errTime
	}
	return t, nil
}

// fraction reads an optional fraction such as ".123" and returns the rest.
func fraction(s []byte) (nanos int, rest []byte, ok bool) {
	if len(s) == 0 || s[0] != '.' {
		return 0, s, true
	}
	n := 1
	for n < len(s) && '0' <= s[n] && s[n] <= '9' {
		n++
	}
	if n == 1 || n > 10 {
		return 0, s, false
	}
	nanos, _ = digits(s[1:n])
	for range 10 - n {
		nanos *= 10
	}
	return nanos, s[n:], true
}

// zoneOffset reads "Z" or "+01:00".
func zoneOffset(s []byte) (time.Duration, bool) {
	if len(s) == 1 && s[0] == 'Z' {
		return 0, true
	}
	if len(s) != len("+01:00") || (s[0] != '+' && s[0] != '-') || s[3] != ':' {
		return 0, false
	}
	hours, ok1 := digits(s[1:3])
	minutes, ok2 := digits(s[4:6])
	if !ok1 || !ok2 || hours > 23 || minutes > 59 {
		return 0, false
	}
	offset := time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute
	if s[0] == '-' {
		offset = -offset
	}
	return offset, true
}

func digits(s []byte) (n int, ok bool) {
	for _, c := range s {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}

// parseCount reads a whole number without sign, fraction or exponent.
func parseCount(s []byte) (int64, bool) {
	if len(s) == 0 || s[0] < '0' || s[0] > '9' {
		return 0, false
	}
	n, err := strconv.ParseInt(string(s), 10, 64)
	return n, err == nil
}
