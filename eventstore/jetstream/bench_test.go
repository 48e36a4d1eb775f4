package jetstream_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"authledger/eventstore/jetstream"
	"authledger/eventstore/natsd"
)

func BenchmarkAppend(b *testing.B) {
	for _, size := range []int{600, 64 << 10, 128 << 10} {
		for _, depth := range []int{1, 2, 4} {
			b.Run(fmt.Sprintf("bytes=%d/inflight=%d", size, depth), func(b *testing.B) { appends(b, size, depth) })
		}
	}
}

// appends keeps depth appends in flight. It reports the median and the 99th percentile of
// the duration of an append.
func appends(b *testing.B, size, depth int) {
	on := server(b, natsd.Config{Dir: b.TempDir()})
	s := open(b, on, jetstream.Options{Create: true})
	type sent struct {
		at      time.Time
		outcome <-chan error
	}
	var flight []sent
	var waits []time.Duration
	land := func() {
		if err := <-flight[0].outcome; err != nil {
			b.Fatal(err)
		}
		waits = append(waits, time.Since(flight[0].at))
		flight = flight[1:]
	}
	data := make([]byte, size)
	at := uint64(0)
	b.SetBytes(int64(size))
	for b.Loop() {
		if len(flight) == depth {
			land()
		}
		flight = append(flight, sent{time.Now(), s.Append(b.Context(), data, at)})
		at++
	}
	for len(flight) > 0 {
		land()
	}
	slices.Sort(waits)
	b.ReportMetric(float64(waits[len(waits)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(waits[len(waits)*99/100].Microseconds()), "p99-µs")
}

func BenchmarkRead(b *testing.B) {
	for _, size := range []int{600, 64 << 10, 128 << 10} {
		b.Run(fmt.Sprintf("bytes=%d", size), func(b *testing.B) {
			const total = 256 << 20
			count := min(total/size, 100_000)
			s := filled(b, size, count)
			b.SetBytes(int64(size * count))
			for b.Loop() {
				next := uint64(1)
				for m, err := range s.Read(b.Context(), 1) {
					if err != nil || m.Stream != next || len(m.Data) != size {
						b.Fatalf("read: got message %d of %d bytes, %v, want message %d of %d bytes", m.Stream, len(m.Data),
							err, next, size)
					}
					next++
				}
			}
		})
	}
}

func BenchmarkGet(b *testing.B) {
	s := filled(b, 64<<10, 500)
	at := uint64(0)
	for b.Loop() {
		if _, err := s.Get(b.Context(), at%500+1); err != nil {
			b.Fatal(err)
		}
		at += 7
	}
}

// filled returns a log that was written without syncing, for reads.
func filled(b *testing.B, size, count int) *jetstream.Store {
	on := server(b, natsd.Config{Dir: b.TempDir(), Unsynced: true})
	s := open(b, on, jetstream.Options{Create: true, Unsynced: true})
	data := make([]byte, size)
	var flight []<-chan error
	for at := range uint64(count) {
		if flight = append(flight, s.Append(b.Context(), data, at)); len(flight) < 100 {
			continue
		}
		if err := <-flight[0]; err != nil {
			b.Fatal(err)
		}
		flight = flight[1:]
	}
	for _, o := range flight {
		if err := <-o; err != nil {
			b.Fatal(err)
		}
	}
	return s
}
