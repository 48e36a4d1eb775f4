package wire

import (
	"testing"

	"authledger/domain"
)

var benchRecords = []struct {
	name   string
	record func() domain.Record
}{{"success", typical}, {"locking", locking}}

func BenchmarkAppendRecord(b *testing.B) {
	for _, bench := range benchRecords {
		b.Run(bench.name, func(b *testing.B) {
			r := bench.record()
			var buf []byte
			b.ReportAllocs()
			for b.Loop() {
				buf = AppendRecord(buf[:0], &r)
			}
			b.ReportMetric(float64(len(buf)), "bytes/record")
		})
	}
}

func BenchmarkReadRecord(b *testing.B) {
	for _, bench := range benchRecords {
		b.Run(bench.name, func(b *testing.B) {
			r := bench.record()
			text := AppendRecord(nil, &r)
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := ReadRecord(text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkReadCommand(b *testing.B) {
	r := locking()
	text := AppendCommand(nil, &r.Command)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, fault := ReadCommand(text); fault != nil {
			b.Fatalf("read: got rejection %v, want none", fault)
		}
	}
}

func BenchmarkContent(b *testing.B) {
	r := locking()
	b.ReportAllocs()
	for b.Loop() {
		Content(&r.Command, false)
	}
}

func BenchmarkAppendVerdict(b *testing.B) {
	r := locking()
	v := r.Verdict()
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = AppendVerdict(buf[:0], &v)
	}
}
