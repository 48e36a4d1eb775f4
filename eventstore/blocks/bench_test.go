package blocks_test

import (
	"testing"

	"authledger/eventstore"
)

// BenchmarkRead reads the same log through a running server and from its files, and
// reports how many times faster the files are.
func BenchmarkRead(b *testing.B) {
	const count = 400
	dir := b.TempDir()
	s := serve(b, dir, true)
	data := make([]byte, 64<<10)
	for at := range uint64(count) {
		add(b, s, at, data)
	}
	b.SetBytes(count * int64(len(data)))
	r := open(b, dir)
	var server, files float64
	for b.Loop() {
		server += readSeconds(b, s)
		files += readSeconds(b, r)
	}
	b.ReportMetric(server/files, "times-faster")
	b.ReportMetric(files/float64(b.N)*1e9, "files-ns/op")
}

func readSeconds(b *testing.B, from eventstore.Reader) float64 {
	b.Helper()
	begun := b.Elapsed()
	for _, err := range from.Read(b.Context(), 1) {
		if err != nil {
			b.Fatal(err)
		}
	}
	return (b.Elapsed() - begun).Seconds()
}
