package seal

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
)

func BenchmarkSealCached(b *testing.B) {
	s := mustOpen(b, b.TempDir())
	mustSeal(b, s, "user/alice")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Seal("user/alice", here, plain); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSealCachedParallel(b *testing.B) {
	s := mustOpen(b, b.TempDir())
	var users atomic.Int32
	b.RunParallel(func(pb *testing.PB) {
		name := fmt.Sprint("user/", users.Add(1))
		for pb.Next() {
			if _, err := s.Seal(name, here, plain); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkSealUncached(b *testing.B) {
	s := mustOpen(b, b.TempDir())
	mustSeal(b, s, "user/alice")
	b.ReportAllocs()
	for b.Loop() {
		s.cache.drop("user/alice")
		if _, err := s.Seal("user/alice", here, plain); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkUnseal(b *testing.B) {
	s := mustOpen(b, b.TempDir())
	sealed := mustSeal(b, s, "user/alice")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Unseal(here, sealed); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNewKeysAndSync200(b *testing.B) {
	const batch = 200
	s := mustOpen(b, b.TempDir())
	n := 0
	for b.Loop() {
		for range batch {
			n++
			if _, err := s.Key(fmt.Sprint("user/", n)); err != nil {
				b.Fatal(err)
			}
		}
		must(b, s.Sync())
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/key")
}

func BenchmarkSyncNothingNew(b *testing.B) {
	s := mustOpen(b, b.TempDir())
	mustSeal(b, s, "user/alice")
	must(b, s.Sync())
	for b.Loop() {
		if err := s.Sync(); err != nil {
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
	for i := range keys {
		if _, err := s.Key(fmt.Sprint("user/", i)); err != nil {
			b.Fatal(err)
		}
	}
	must(b, s.Close())

	b.Run("Open", func(b *testing.B) {
		before := heap()
		var s *Store
		for b.Loop() {
			var err error
			if s, err = Open(dir, testMaster(1), Options{}); err != nil {
				b.Fatal(err)
			}
			must(b, s.Close())
		}
		b.ReportMetric(float64(heap()-before)/1e6, "MB-held")
		runtime.KeepAlive(s)
	})
	b.Run("Rewrap", func(b *testing.B) {
		s := mustOpen(b, dir)
		for b.Loop() {
			must(b, s.Rewrap(testMaster(1)))
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
