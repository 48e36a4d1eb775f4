package wire

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestParseTime_Forms(t *testing.T) {
	for _, test := range []struct{ text, want string }{ // want "" is refused
		{"2026-03-02T15:09:00Z", "2026-03-02T15:09:00Z"},
		{"2026-03-02T15:09:00.1Z", "2026-03-02T15:09:00.1Z"},
		{"2026-03-02T15:09:00.123456789Z", "2026-03-02T15:09:00.123456789Z"},
		{"2026-03-02T15:09:00.000000001Z", "2026-03-02T15:09:00.000000001Z"},
		{"2026-03-02T15:09:00.120Z", "2026-03-02T15:09:00.12Z"},
		{"2026-03-02T15:09:00.000000000Z", "2026-03-02T15:09:00Z"},
		{"2026-03-02T15:09:00+02:00", "2026-03-02T13:09:00Z"},
		{"2026-03-02T23:30:00.5-05:30", "2026-03-03T05:00:00.5Z"},
		{"2026-03-02T15:09:00+00:00", "2026-03-02T15:09:00Z"},
		{"2026-03-02T15:09:00-00:00", "2026-03-02T15:09:00Z"},
		{"2026-03-02T15:09:00+23:59", "2026-03-01T15:10:00Z"},
		{"2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"},
		{"2000-02-29T00:00:00Z", "2000-02-29T00:00:00Z"},
		{"2026-12-31T23:59:59.999999999Z", "2026-12-31T23:59:59.999999999Z"},
		{"0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"},
		{"9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"},
		{"0000-12-31T23:59:59-00:01", "0001-01-01T00:00:59Z"},

		{"", ""},
		{"2026-03-02", ""},
		{"2026-03-02T15:09Z", ""},
		{"2026-03-02T15:09:00", ""},
		{"2026-03-02 15:09:00Z", ""},
		{"2026-03-02t15:09:00Z", ""},
		{"2026-03-02T15:09:00z", ""},
		{" 2026-03-02T15:09:00Z", ""},
		{"2026-03-02T15:09:00Z ", ""},
		{"2026-03-02T15:09:00Z\n", ""},
		{"2026-03-02T15:09:00.1234567891Z", ""},
		{"2026-03-02T15:09:00.0000000000Z", ""},
		{"2026-03-02T15:09:00.Z", ""},
		{"2026-03-02T15:09:00,5Z", ""},
		{"2026-03-02T15:09:60Z", ""},
		{"2016-12-31T23:59:60Z", ""},
		{"2026-03-02T15:60:00Z", ""},
		{"2026-03-02T24:00:00Z", ""},
		{"2026-02-29T00:00:00Z", ""},
		{"1900-02-29T00:00:00Z", ""},
		{"2026-02-30T00:00:00Z", ""},
		{"2026-04-31T00:00:00Z", ""},
		{"2026-00-01T00:00:00Z", ""},
		{"2026-13-01T00:00:00Z", ""},
		{"2026-03-00T00:00:00Z", ""},
		{"2026-03-32T00:00:00Z", ""},
		{"0000-01-01T00:00:00Z", ""},
		{"0001-01-01T00:00:00+00:01", ""},
		{"9999-12-31T23:59:59-00:01", ""},
		{"10000-01-01T00:00:00Z", ""},
		{"+2026-03-02T15:09:00Z", ""},
		{"-026-03-02T15:09:00Z", ""},
		{"2026-03-02T15:09:00+24:00", ""},
		{"2026-03-02T15:09:00+01:60", ""},
		{"2026-03-02T15:09:00+0100", ""},
		{"2026-03-02T15:09:00+01", ""},
		{"2026-03-02T15:09:00+1:00", ""},
		{"2026-03-02T15:09:00Z+01:00", ""},
		{"٢٠٢٦-03-02T15:09:00Z", ""},
	} {
		got, err := ParseTime([]byte(test.text))
		parsed := ""
		if err == nil {
			parsed = string(AppendTime(nil, got))
		}
		if parsed != test.want {
			t.Errorf("%q: got %q, %v, want %q", test.text, parsed, err, test.want)
		}
		if err == nil && got.Location() != time.UTC {
			t.Errorf("%q: got location %v, want UTC", test.text, got.Location())
		}
	}
}

// TestParseTime_StandardLibrary checks that the standard library parses every accepted
// text to the same instant, and that written times are read back.
func TestParseTime_StandardLibrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		offset := rapid.IntRange(-23*60-59, 23*60+59).Draw(t, "offset")
		at := anyInstant.Draw(t, "at").In(time.FixedZone("", offset*60))
		text := at.Format(time.RFC3339Nano)
		got, err := ParseTime([]byte(text))
		if year := at.Year(); year < 0 || year > 9999 || len(text) > 4 && text[4] != '-' {
			return // no four digits: nothing to agree on
		}
		if err != nil || !got.Equal(at) {
			t.Fatalf("%s: got %v, %v, want %v", text, got, err, at)
		}
		again, err := ParseTime(AppendTime(nil, got))
		if err != nil || again != got {
			t.Fatalf("%v after a round trip: got %v, %v", got, again, err)
		}
	})
}

func FuzzParseTime(f *testing.F) {
	for _, text := range []string{"2026-03-02T15:09:00Z", "2024-02-29T23:59:59.999999999-05:00",
		"2026-02-30T00:00:00Z", "2016-12-31T23:59:60Z"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := ParseTime([]byte(text))
		want, wantErr := time.Parse(time.RFC3339Nano, text)
		switch {
		case err != nil:
		case wantErr != nil || !got.Equal(want):
			t.Errorf("%q: got %v, want %v, %v of the standard library", text, got, want, wantErr)
		case strings.ContainsAny(text, ",tz "):
			t.Errorf("%q: got %v, want an error", text, got)
		}
	})
}

func TestReadTime_LowerCase(t *testing.T) {
	want, err := ParseTime([]byte("2026-03-02T15:09:00.5Z"))
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"2026-03-02t15:09:00.5z", "2026-03-02T15:09:00.5z",
		"2026-03-02t16:09:00.5+01:00"} {
		if got, err := ReadTime(text); err != nil || !got.Equal(want) {
			t.Errorf("%s: got %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"2026-03-02 15:09:00z", "2026-03-02t15:09:00", "now"} {
		if got, err := ReadTime(text); err == nil {
			t.Errorf("%s: got %v, want an error", text, got)
		}
	}
}
