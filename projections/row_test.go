package projections

import (
	"bytes"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"authledger/domain"
)

// instants are all that RFC 3339 can say, and the zero time.
var instants = rapid.Custom(func(t *rapid.T) time.Time {
	first, last := time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
	if rapid.IntRange(0, 4).Draw(t, "zero") == 0 {
		return time.Time{}
	}
	seconds := rapid.Int64Range(first.Unix(), last.Unix()).Draw(t, "seconds")
	return time.Unix(seconds, rapid.Int64Range(0, 999_999_999).Draw(t, "nanos")).UTC()
})

var userRows = rapid.Custom(func(t *rapid.T) *userRow {
	u := domain.User{
		Clock: instants.Draw(t, "clock"), Backfilled: rapid.Bool().Draw(t, "backfilled"),
		Run:  domain.Run{Source: rapid.String().Draw(t, "source")},
		Lock: domain.Lock{Held: rapid.Bool().Draw(t, "held"), Since: instants.Draw(t, "since"), Until: instants.Draw(t, "until")},
		Identity: domain.Identity{
			Fingerprint: rapid.String().Draw(t, "fingerprint"),
			Verified:    rapid.Bool().Draw(t, "verified"), VerifiedAt: instants.Draw(t, "verifiedAt"),
		},
	}
	for range rapid.IntRange(0, 10).Draw(t, "failures") {
		u.Run.Failures = append(u.Run.Failures, instants.Draw(t, "failure"))
	}
	for range rapid.IntRange(0, 4).Draw(t, "attempts") {
		u.Attempts = append(u.Attempts, domain.Attempt{ID: rapid.String().Draw(t, "id"), Until: instants.Draw(t, "lapse")})
	}
	return &userRow{rapid.Int64().Draw(t, "last"), u}
})

func TestRowsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := userRows.Draw(t, "row")
		b := encodeRow(nil, want)
		got := new(userRow)
		if err := decodeRow(b, got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(userRow{})); diff != "" {
			t.Fatal(diff)
		}
		if again := encodeRow(nil, got); !bytes.Equal(again, b) {
			t.Fatalf("encodes to %x, then to %x", b, again)
		}
	})
}

func TestRowsOfAnyBytesDecodeOrFail(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := encodeRow(nil, userRows.Draw(t, "row"))
		cut := rapid.IntRange(0, len(b)-1).Draw(t, "cut")
		if err := decodeRow(b[:cut], new(userRow)); err == nil {
			t.Fatalf("%d bytes of %d decode", cut, len(b))
		}
		if err := decodeRow(append(b, 0), new(userRow)); err == nil {
			t.Fatal("a byte too many decodes")
		}
		_ = decodeRow(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes"), new(userRow)) // does not panic
	})
}

func TestPolicyRow(t *testing.T) {
	want := domain.POSIXHost()
	got := new(domain.Policy)
	if err := decodeRow(encodeRow(nil, want), got); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(want, got.Compiled()) {
		t.Fatalf("%+v comes back as %+v", want, got)
	}
}

func TestKeysSortAsTheirParts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := instants.Draw(t, "a"), instants.Draw(t, "b")
		ka, kb := key{}.instant(a), key{}.instant(b)
		if got, want := bytes.Compare(ka, kb), a.Compare(b); got != want {
			t.Fatalf("keys of %v and %v compare as %d, want %d", a, b, got, want)
		}
		back, rest, err := ka.cutInstant()
		if !back.Equal(a) || len(rest) > 0 || err != nil {
			t.Fatalf("%v comes back as %v, %x, %v", a, back, rest, err)
		}
	})
}
