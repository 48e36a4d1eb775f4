package projections

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"authledger/domain"
	"authledger/eventstore/wire"
)

// What the rows and the log tell of a record is what a walk through the whole
// history tells.
func TestWhyIsWhatTheWholeHistoryTells(t *testing.T) {
	h, e := openWhy(t, 7, 600)
	for i := range h.records {
		seq := uint64(i) + 1
		got, err := e.Why(t.Context(), h, seq)
		if err != nil {
			t.Fatal(err)
		}
		want, err := domain.Explain(walked{h}, &h.records[i])
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(wire.AppendData(nil, want)), string(wire.AppendData(nil, &got.Explanation))); diff != "" {
			t.Fatalf("record %d (-walked +asked)\n%s", seq, diff)
		}
		if got.AsOf.Seq != uint64(len(h.records)) {
			t.Fatalf("record %d: as of %d", seq, got.AsOf.Seq)
		}
	}
}

// There is nothing to say of a record that is not there.
func TestWhyOfNoRecord(t *testing.T) {
	h, e := openWhy(t, 8, 10)
	for _, seq := range []uint64{0, uint64(len(h.records)) + 1} {
		if _, err := e.Why(t.Context(), h, seq); !errors.Is(err, ErrAhead) {
			t.Errorf("record %d: %v, want %v", seq, err, ErrAhead)
		}
	}
}

// A record whose verdict does not follow from those before it is told as such.
func TestWhyOfAVerdictThatDoesNotFollow(t *testing.T) {
	h, e := openWhy(t, 9, 200)
	i := slices.IndexFunc(h.records, func(r domain.Record) bool { return r.Reason == domain.IdentityNotVerified })
	if i < 0 {
		t.Fatal("the history refuses nobody")
	}
	h.records[i].Reason = domain.NotLocked
	if _, err := e.Why(t.Context(), h, uint64(i)+1); !errors.Is(err, domain.ErrOtherwise) {
		t.Errorf("got %v, want %v", err, domain.ErrOtherwise)
	}
}
