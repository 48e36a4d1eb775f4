package seal

import (
	"runtime"
	"testing"
)

func BenchmarkSealCached(b *testing.B) {
	s := mustOpen(b, b.TempDir())
	mustSeal(b, s, 1)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Seal(1, here, plain); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSealUncached(b *testing.B) {
	s := mustOpen(b, b.TempDir())
	mustSeal(b, s, 1)
	b.ReportAllocs()
	for b.Loop() {
		s.cache.drop(1)
		if _, err := s.Seal(1, here, plain); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSealNew seals the first data of each user, with the generation of the chunks.
func BenchmarkSealNew(b *testing.B) {
	s := mustOpen(b, b.TempDir())
	b.ReportAllocs()
	for n := uint32(1); b.Loop(); n++ {
		must(b, s.Reserve(n))
		if _, err := s.SealNew(n, here, plain); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkUnseal(b *testing.B) {
	s := mustOpen(b, b.TempDir())
	sealed := mustSeal(b, s, 1)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Unseal(here, sealed); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBucket(b *testing.B) {
	s := mustOpen(b, b.TempDir())
	b.ReportAllocs()
	for b.Loop() {
		s.Bucket("203.0.113.77")
	}
}

func BenchmarkMillionKeys(b *testing.B) {
	const keys = 1_000_000
	dir := b.TempDir()
	s := mustOpen(b, dir)
	must(b, s.Reserve(keys))
	must(b, s.Close())

	b.Run("Open", func(b *testing.B) {
		before := heap()
		var s *Store
		for b.Loop() {
			var err error
			if s, err = Open(dir, testMaster(1), Options{}); err != nil {
				b.Fatal(err)
			}
			for n := uint32(1); n <= keys; n += readAhead {
				if _, err := s.SealNew(n, here, plain); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(heap()-before)/1e6, "MB-held")
			must(b, s.Close())
		}
		runtime.KeepAlive(s)
	})
	b.Run("Rewrap", func(b *testing.B) {
		s := mustOpen(b, dir)
		for b.Loop() {
			must(b, s.Rewrap(testMaster(1)))
			s.background.Wait()
		}
		must(b, s.Close())
	})
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
