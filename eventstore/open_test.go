package eventstore_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"authledger/domain"
	"authledger/eventstore"
	"authledger/eventstore/audit"
	"authledger/eventstore/memory"
)

// TestOpen_CatchUp checks that Open folds exactly the commits that the state lacks, for
// every position of the state.
func TestOpen_CatchUp(t *testing.T) {
	r, want := history(t)
	commits := commitsOf(t, r)
	for from := range len(commits) + 1 {
		state := newFolded()
		for i := range from {
			if err := state.Fold(&commits[i]); err != nil {
				t.Fatal(err)
			}
		}
		seen := uint64(from)
		o := r.options(state, r.store)
		o.Progress = func(stream, last uint64) {
			if seen++; stream != seen || last != uint64(len(commits)) {
				t.Errorf("from %d: progress is at %d of %d, want %d", from, stream, last, seen)
			}
		}
		l := mustOpen(t, o)
		if state.Position() != want.Position() || seen != uint64(len(commits)) {
			t.Errorf("from %d: caught up to %+v, want %+v", from, state.Position(), want.Position())
		}
		if v := do(t, l, script()[0]); !v.Duplicate {
			t.Errorf("from %d: duplicate of the first command: got %s, want a duplicate", from, formatted(v))
		}
		mustClose(t, l)
	}
	r.verify(len(script()))
}

// TestOpen_ContextEnds checks that an Open whose context ends returns an error.
func TestOpen_ContextEnds(t *testing.T) {
	r, _ := history(t)
	for range 50 { // the end of the context races with the goroutine that reads ahead
		ctx, cancel := context.WithCancel(t.Context())
		o := r.options(newFolded(), r.store)
		o.Progress = func(uint64, uint64) { cancel() }
		if l, err := eventstore.Open(ctx, o); !errors.Is(err, context.Canceled) {
			mustClose(t, l)
			t.Fatalf("Open after the end of its context: got %v, want context.Canceled", err)
		}
		verifying, cancel := context.WithCancel(t.Context())
		v, err := audit.Verify(verifying, r.manifest, r.store, domain.Position{}, newFolded(),
			func(uint64, uint64) { cancel() })
		if err == nil {
			t.Fatalf("Verify after the end of its context: got %d records, want an error", v.Records)
		}
	}
}

func TestOpen_Damage(t *testing.T) {
	r, state := history(t)
	commits := commitsOf(t, r)
	end := state.Position()
	data := make([][]byte, 0, len(commits))
	for m, err := range r.store.Read(t.Context(), 1) {
		if err != nil {
			t.Fatal(err)
		}
		data = append(data, m.Data)
	}
	const at = 6 // stream position of the altered commit
	log := func(messages ...[]byte) *memory.Store {
		store := memory.New()
		for _, m := range messages {
			appendTo(t, store, m)
		}
		return store
	}
	put := func(old, new string) *memory.Store {
		changed := append([][]byte(nil), data...)
		changed[at-1] = bytes.Replace(data[at-1], []byte(old), []byte(new), 1)
		if bytes.Equal(changed[at-1], data[at-1]) {
			t.Fatalf("commit %d: got no text %q to replace, want it", at, old)
		}
		return log(changed...)
	}
	without := append(append([][]byte(nil), data[:at-1]...), data[at:]...)
	for _, test := range []struct {
		given       string
		log         eventstore.Store
		head        domain.Position
		state       *folded
		stream, seq uint64
		text        string
	}{
		{"a log shorter than its head", log(data[:9]...), end, newFolded(), 10, 0,
			"the tail of the log is lost"},
		{"a log shorter than the projections", log(data[:9]...), domain.Position{}, state.clone(), 10, 0,
			"the tail of the log is lost"},
		{"an empty log with a head", memory.New(), end, newFolded(), 1, 0, "the tail of the log is lost"},
		{"another commit at the head", log(append(append([][]byte(nil), data[:len(data)-1]...), data[0])...),
			end, newFolded(), end.Stream, end.Seq, "is not the commit in the"},
		{"another commit at the projections",
			log(append(append([][]byte(nil), data[:len(data)-1]...), data[0])...), domain.Position{},
			state.clone(), end.Stream, end.Seq, "is not the commit in the"},
		{"a gap", log(without...), domain.Position{}, newFolded(), at, at,
			"record 7 does not follow record 5"},
		{"a wrong chain hash", put(fmt.Sprintf("%x", commits[at-1].Prev), strings.Repeat("ab", 32)),
			domain.Position{}, newFolded(), at, at, "chain hash"},
		{"a changed commit before", put(`"caller":"test"`, `"caller":"tost"`), domain.Position{},
			newFolded(), at + 1, at + 1, "chain hash"},
		{"another realm", put(`"realm":"main"`, `"realm":"mine"`), domain.Position{}, newFolded(), at, at,
			`want realm "main"`},
		{"newer rules",
			put(fmt.Sprintf(`"rules":%d`, domain.Rules), fmt.Sprintf(`"rules":%d`, domain.Rules+1)),
			domain.Position{}, newFolded(), at, at, "use a newer program"},
		{"a newer format", put(`"v":1`, `"v":2`), domain.Position{}, newFolded(), at, at,
			"use a newer program"},
		{"a newer member", put(`"late":false`, `"late":false,"x":1`), domain.Position{}, newFolded(), at, at,
			"newer program"},
		{"a record that does not decode", put(`"status":"`, `"status":"x`), domain.Position{}, newFolded(),
			at, at, "read record"},
		{"a record cut short", put("}\n", "}"), domain.Position{}, newFolded(), at, at, ""},
		{"too few records", put(`"count":1`, `"count":2`), domain.Position{}, newFolded(), at, at,
			"the header states 2 records, the commit holds 1"},
		{"a time before the one before",
			put(`"time":"2026-03-02T12:00:00Z","node"`, `"time":"2026-03-02T11:00:00Z","node"`),
			domain.Position{}, newFolded(), at, at, "time"},
		{"another ledger",
			forged(t, &realm{t: t, manifest: eventstore.NewManifest("main", "{}")}, commitsOf(t, r)),
			domain.Position{}, newFolded(), 1, 1, "chain hash"},
	} {
		t.Run(test.given, func(t *testing.T) {
			o := r.options(test.state, test.log)
			if err := eventstore.CreateHead(o.Dir, test.head); err != nil {
				t.Fatal(err)
			}
			l, err := eventstore.Open(t.Context(), o)
			if err == nil {
				mustClose(t, l)
			}
			wantFault(t, err, test.stream, test.seq, test.text)
		})
	}
}

// TestLog_FlippedBits checks that Verify and the scrub find a flipped bit in any
// message, and that the scrub stops the ledger.
func TestLog_FlippedBits(t *testing.T) {
	r, state := history(t)
	last := state.Position().Stream
	for stream := uint64(1); stream <= last; stream++ {
		for _, bit := range []int{3, 1001, 2002, 4003} {
			damaged := flipped(r.store, stream, bit)
			_, err := audit.Verify(t.Context(), r.manifest, damaged, state.Position(), newFolded(), nil)
			if err == nil {
				t.Errorf("bit %d of message %d: Verify returns nil, want a Fault", bit, stream)
			}
			if stream == last {
				continue // the state holds its hash: Open returns the fault
			}
			l := r.open(state.clone(), damaged)
			closed(t, "the scrub finds it", l.Failed())
			fault, ok := errors.AsType[*eventstore.Fault](l.Close(t.Context()))
			if !ok || fault.Stream < stream || fault.Stream > stream+1 {
				t.Errorf("bit %d of message %d: got fault %v of the scrub, want one at that message or the next", bit,
					stream, fault)
			}
		}
	}
}
