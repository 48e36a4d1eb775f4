package eventstore_test

import (
	"fmt"
	"strconv"
	"testing"

	"authledger/eventstore"
)

// BenchmarkSubmit measures submitted commands on a log in memory, so that no disk is
// measured.
func BenchmarkSubmit(b *testing.B) {
	for _, outstanding := range []int{1, 16, 256, 4096} {
		b.Run(fmt.Sprintf("outstanding=%d", outstanding), func(b *testing.B) {
			r := newRealm(b)
			l := r.open(newFolded(), r.store)
			users := names(1000)
			inFlight := make([]*eventstore.Ticket, 0, outstanding)
			n := 0
			b.ReportAllocs()
			for b.Loop() {
				inFlight = append(inFlight, submit(b, l, backfilled(success(strconv.Itoa(n), users[n%len(users)]))))
				n++
				if len(inFlight) == outstanding {
					for _, ticket := range inFlight {
						answer(b, ticket)
					}
					inFlight = inFlight[:0]
				}
			}
			for _, ticket := range inFlight {
				answer(b, ticket)
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "commands/s")
			mustClose(b, l)
		})
	}
}

func BenchmarkPrepare(b *testing.B) {
	r := newRealm(b)
	l := r.open(newFolded(), r.store)
	defer mustClose(b, l)
	c := failure("f", "alice")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := l.Prepare(c); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDuplicate(b *testing.B) {
	r := newRealm(b)
	l := r.open(newFolded(), r.store)
	defer mustClose(b, l)
	c := failure("f", "alice")
	do(b, l, c)
	b.ReportAllocs()
	for b.Loop() {
		do(b, l, c)
	}
}

func BenchmarkCatchUp(b *testing.B) {
	r := newRealm(b)
	l := r.open(newFolded(), r.store)
	const records = 20_000
	var last *eventstore.Ticket
	for n := range records {
		last = submit(b, l, backfilled(success(strconv.Itoa(n), names(1)[0])))
	}
	answer(b, last)
	mustClose(b, l)
	b.ReportAllocs()
	for b.Loop() {
		mustClose(b, r.open(newFolded(), r.store))
	}
	b.ReportMetric(records*float64(b.N)/b.Elapsed().Seconds(), "records/s")
}
