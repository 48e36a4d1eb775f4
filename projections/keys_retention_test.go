package projections

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"authledger/domain"
)

// expiring is an engine into which a test folds commits of unattributed attempts.
type expiring struct {
	t *testing.T
	*Engine
}

// attempt is an unattributed attempt and its sealed members. A slot of 0 means the key of an older program.
type attempt struct {
	at   string
	slot uint32
}

// commit folds a commit at an instant. Without attempts, its record has no personal data.
func (e *expiring) commit(at string, attempts ...attempt) {
	e.t.Helper()
	p := e.Position()
	c := &domain.Commit{First: p.Seq + 1, Stream: p.Stream + 1, Rules: domain.Rules, Node: "test",
		Prev: p.Hash, Time: e.instant(at)}
	c.Hash[0] = byte(c.Stream)
	add := func(at time.Time, sealed *domain.Sealed) {
		seq := c.First + uint64(len(c.Records))
		c.Records = append(c.Records, domain.Record{Seq: seq, Entities: []domain.Entity{"source/b1"},
			Time: at, Status: domain.Accepted, Personal: sealed,
			Command: domain.Command{Source: "test", ID: fmt.Sprint(seq), Time: at,
				Data: &domain.LoginReport{Outcome: domain.Failed, Reason: domain.UnknownUser}},
			Events: []domain.Event{{At: at, Data: &domain.LoginUnattributed{Reason: domain.UnknownUser}}}})
	}
	for _, a := range attempts {
		sealed := &domain.Sealed{Slot: a.slot}
		if a.slot == 0 {
			sealed.KID = "00"
		}
		add(e.instant(a.at), sealed)
	}
	if len(attempts) == 0 {
		add(c.Time, nil)
	}
	if err := e.Fold(c); err != nil {
		e.t.Fatal(err)
	}
}

func (e *expiring) instant(text string) time.Time {
	e.t.Helper()
	at, err := time.Parse(time.RFC3339, text+"Z")
	if err != nil {
		e.t.Fatal(err)
	}
	return at
}

func (e *expiring) wantErased(seq uint64, want string) {
	e.t.Helper()
	var got []string
	err := e.EachErased(seq, func(owner string, slot uint32) {
		got = append(got, fmt.Sprint(owner, "=", slot))
	})
	if err != nil || strings.Join(got, " ") != want {
		e.t.Errorf("erased from record %d on: got %v, %v, want %q", seq, got, err, want)
	}
}

// TestKeyRetention checks that the first commit after the retention of a month lists the slot of the
// month as erased, and that no time of a command does (PERSON-4).
func TestKeyRetention(t *testing.T) {
	dir := t.TempDir()
	open := func() *expiring {
		engine, err := Open(dir, Options{})
		if err != nil {
			t.Fatal(err)
		}
		return &expiring{t, engine}
	}
	e := open()
	// Records 1 to 6. The clock of the sender of record 3 is ahead, and record 4 is a backfill.
	e.commit("2025-01-10T12:00:00", attempt{"2025-01-10T12:00:00", 1}, attempt{"2025-01-09T12:00:00", 1})
	e.commit("2025-01-31T23:59:00", attempt{"2025-02-01T00:03:00", 2})
	e.commit("2025-03-01T00:00:00", attempt{"2024-12-05T00:00:00", 3}, attempt{"2025-03-01T00:00:00", 4})
	e.commit("2026-01-31T23:59:59")
	e.wantErased(1, "")
	e.commit("2026-02-01T00:00:00", attempt{"2026-02-01T00:00:00", 5}) // 7
	e.wantErased(1, "month/2024-12=3")
	e.commit("2026-02-28T23:59:59") // 8
	e.wantErased(8, "")
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	e = open()
	e.commit("2026-05-07T00:00:00", attempt{"2026-05-07T00:00:00", 6}) // 9: after an idle time
	e.wantErased(9, "month/2025-01=1 month/2025-02=2 month/2025-03=4")
	e.commit("2026-05-07T00:00:00", attempt{"2026-05-07T00:00:00", 6}) // 10
	e.wantErased(10, "")
	for owner, want := range map[string]uint32{"month/2024-12": 3, "month/2025-01": 1, "month/2026-02": 5} {
		if slot, err := e.KeySlot(owner); err != nil || slot != want {
			t.Errorf("slot of %s: got %d, %v, want %d", owner, slot, err, want)
		}
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
}

// TestKeyRetention_OldRecords checks the records that an older program stored after the retention of
// their month: the first one of a month lists the month as erased, and so does the first one with another
// slot (PERSON-4).
func TestKeyRetention_OldRecords(t *testing.T) {
	engine, err := Open(t.TempDir(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	e := &expiring{t, engine}
	e.commit("2026-03-01T00:00:00", attempt{"2025-01-31T23:59:59", 0}, attempt{"2025-02-01T00:00:00", 1},
		attempt{"2025-01-01T00:00:00", 2}, attempt{"2025-01-02T00:00:00", 2}) // records 1 to 4
	e.commit("2026-03-01T00:00:00", attempt{"2025-01-03T00:00:00", 2}, // 5
		attempt{"0001-01-01T00:00:00", 3}) // 6
	e.wantErased(1, "month/2025-01=0 month/2025-01=2 month/0001-01=3")
	e.wantErased(2, "month/2025-01=2 month/0001-01=3")
	e.wantErased(4, "month/0001-01=3")
	e.commit("2026-04-01T00:00:00") // 7
	e.wantErased(7, "month/2025-02=1")
}
