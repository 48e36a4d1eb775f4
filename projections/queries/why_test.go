package queries

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"authledger/domain"
	"authledger/domain/explain"
	"authledger/domain/explain/historytest"
	"authledger/eventstore/wire"
	"authledger/projections"
	"authledger/projections/logtest"
)

// The explanation from rows equals the explanation from the states before the record.
func TestWhyEqualsExplanationFromWholeHistory(t *testing.T) {
	q, h := openWhy(t, 7, 600)
	before := historytest.New()
	for i := range h.Records {
		seq := uint64(i) + 1
		got, err := q.Why(t.Context(), seq, 0)
		if err != nil {
			t.Fatal(err)
		}
		want, err := explain.Explain(before, &h.Records[i], 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := before.Take(&h.Records[i]); err != nil {
			t.Fatal(err)
		}
		diff := cmp.Diff(string(wire.AppendData(nil, want)), string(wire.AppendData(nil, &got.Explanation)))
		if diff != "" {
			t.Fatalf("record %d (-folded +answered)\n%s", seq, diff)
		}
		if got.AsOf.Seq != uint64(len(h.Records)) {
			t.Fatalf("record %d: got position %d, want %d", seq, got.AsOf.Seq, len(h.Records))
		}
	}
}

func TestWhyOfUnknownRecord(t *testing.T) {
	q, h := openWhy(t, 8, 10)
	for _, seq := range []uint64{0, uint64(len(h.Records)) + 1} {
		if _, err := q.Why(t.Context(), seq, 0); !errors.Is(err, projections.ErrAhead) {
			t.Errorf("record %d: %v, want %v", seq, err, projections.ErrAhead)
		}
	}
}

func TestWhyOfIrreproducibleVerdict(t *testing.T) {
	q, h := openWhy(t, 9, 200)
	i := slices.IndexFunc(h.Records,
		func(r domain.Record) bool { return r.Reason == domain.IdentityNotVerified })
	if i < 0 {
		t.Fatalf("history: got no reason %s, want one", domain.IdentityNotVerified)
	}
	h.Records[i].Reason = domain.NotLocked
	if _, err := q.Why(t.Context(), uint64(i)+1, 0); !errors.Is(err, explain.ErrNotReproducible) {
		t.Errorf("got %v, want %v", err, explain.ErrNotReproducible)
	}
}

// openWhy opens a history of at least n records.
func openWhy(t *testing.T, seed uint64, n int) (*Queries, *refLog) {
	h := newRefLog()
	logtest.NewGenerator(seed, 5).Write(h.History, n, 9)
	return openTest(t, h), h
}
