package rows

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"authledger/domain"
)

// instants draws times that RFC 3339 can express, and the zero time.
var instants = rapid.Custom(func(t *rapid.T) time.Time {
	first, last := time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
	if rapid.IntRange(0, 4).Draw(t, "zero") == 0 {
		return time.Time{}
	}
	seconds := rapid.Int64Range(first.Unix(), last.Unix()).Draw(t, "seconds")
	return time.Unix(seconds, rapid.Int64Range(0, 999_999_999).Draw(t, "nanos")).UTC()
})

// values is a row with a member of each kind.
type values struct {
	text     string
	count    int64
	flag     bool
	instant  time.Time
	texts    []string
	instants []time.Time
	object   counter
	list     []counter
}

func (r *values) Members(v domain.Visitor) {
	v.Text("text", &r.text, domain.Free)
	v.Count("count", &r.count, domain.Free)
	v.Flag("flag", &r.flag, domain.Free)
	v.Instant("instant", &r.instant, domain.Free)
	v.Texts("texts", &r.texts)
	v.Instants("instants", &r.instants)
	v.Object("object", &r.object, domain.Free)
	v.List("list", domain.List(&r.list))
}

var anyValues = rapid.Custom(func(t *rapid.T) *values {
	r := &values{
		text: rapid.String().Draw(t, "text"), count: rapid.Int64().Draw(t, "count"),
		flag: rapid.Bool().Draw(t, "flag"), instant: instants.Draw(t, "instant"),
		object: counter{rapid.Int64().Draw(t, "object")},
	}
	for range rapid.IntRange(0, 10).Draw(t, "instants") {
		r.instants = append(r.instants, instants.Draw(t, "element"))
	}
	for range rapid.IntRange(0, 4).Draw(t, "texts") {
		r.texts = append(r.texts, rapid.String().Draw(t, "element"))
	}
	for range rapid.IntRange(0, 4).Draw(t, "list") {
		r.list = append(r.list, counter{rapid.Int64().Draw(t, "element")})
	}
	return r
})

func TestRowsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := anyValues.Draw(t, "row")
		b := Encode(nil, want)
		got := new(values)
		if err := Decode(b, got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(values{}, counter{})); diff != "" {
			t.Fatal(diff)
		}
		if again := Encode(nil, got); !bytes.Equal(again, b) {
			t.Fatalf("encoded again: got %x, want %x", b, again)
		}
	})
}

func TestDecodeRejectsOtherLengths(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := Encode(nil, anyValues.Draw(t, "row"))
		cut := rapid.IntRange(0, len(b)-1).Draw(t, "cut")
		if err := Decode(b[:cut], new(values)); err == nil {
			t.Fatalf("Decode of %d bytes of %d: got no error", cut, len(b))
		}
		if err := Decode(append(b, 0), new(values)); err == nil {
			t.Fatal("Decode with an added byte: got no error")
		}
		_ = Decode(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes"), new(values)) // does not panic
	})
}

func TestKeysSortByInstant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := instants.Draw(t, "a"), instants.Draw(t, "b")
		ka, kb := Key{}.Instant(a), Key{}.Instant(b)
		if got, want := bytes.Compare(ka, kb), a.Compare(b); got != want {
			t.Fatalf("Compare of keys of %v and %v: got %d, want %d", a, b, got, want)
		}
		back, rest, err := ka.CutInstant()
		if !back.Equal(a) || len(rest) > 0 || err != nil {
			t.Fatalf("CutInstant of %v: got %v, %x, %v", a, back, rest, err)
		}
	})
}
