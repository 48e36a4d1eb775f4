package queries

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"authledger/domain"
	"authledger/domain/explain"
	"authledger/domain/explain/historytest"
	"authledger/eventstore/wire"
)

// recordsOfWhyMax is the maximum number of records that an explanation reads: one span
// between snapshots of a user and of an account, and one record of each fact.
const recordsOfWhyMax = 64

// withdrawalLog returns a log with n withdrawals of an account by one user, within an hour.
func withdrawalLog(n int) *refLog {
	h := newRefLog()
	at := time.Date(2026, 3, 2, 15, 0, 0, 0, time.UTC)
	do := func(data domain.CommandData) {
		h.Do(domain.Command{Source: "gateway", ID: fmt.Sprint(len(h.Records)), Time: at, Data: data})
		at = at.Add(time.Hour / time.Duration(n))
	}
	do(&domain.DeviceActivate{User: "alice", Device: "g1", Class: domain.Gold, Method: domain.Portal})
	for i := range n {
		do(&domain.WithdrawalRequest{
			Withdrawal: fmt.Sprint("w", i), Account: "U1", User: "alice", Device: "g1", Amount: "1.00",
			Currency: "USD",
		})
	}
	h.Commit()
	return h
}

func TestWhyReadsBoundedRecords(t *testing.T) {
	h := withdrawalLog(3000)
	q := openTest(t, h)
	before := historytest.New()
	last := len(h.Records) - 1
	for i := range h.Records[:last] {
		if err := before.Take(&h.Records[i]); err != nil {
			t.Fatal(err)
		}
	}
	for after, pages := uint64(0), 1; ; pages++ {
		log := &countingLog{Log: h}
		q.log = log
		got, err := q.Why(t.Context(), uint64(last)+1, after)
		if err != nil {
			t.Fatal(err)
		}
		want, err := explain.Explain(before, &h.Records[last], after)
		if err != nil {
			t.Fatal(err)
		}
		diff := cmp.Diff(string(wire.AppendData(nil, want)), string(wire.AppendData(nil, &got.Explanation)))
		if diff != "" {
			t.Fatalf("page %d (-folded +answered)\n%s", pages, diff)
		}
		if read := log.reads; read > recordsOfWhyMax {
			t.Errorf("page %d: got %d records read, want at most %d", pages, read, recordsOfWhyMax)
		}
		if after = got.Next; after == 0 {
			if pages != 30 {
				t.Errorf("got %d pages, want 30", pages)
			}
			return
		}
	}
}
