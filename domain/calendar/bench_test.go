package calendar

import (
	"testing"
	"time"
)

func BenchmarkWindow(b *testing.B) {
	for _, name := range Names() {
		b.Run(name, func(b *testing.B) {
			c, d := Named(name), On(2026, 1, 1)
			b.ReportAllocs()
			for b.Loop() {
				c.Window(d)
			}
		})
	}
}

func BenchmarkDateOf(b *testing.B) {
	z, at := zone(b, "America/New_York"), time.Unix(1_790_000_000, 0).UTC()
	b.ReportAllocs()
	for b.Loop() {
		DateOf(at, z)
	}
}

// BenchmarkStart starts each day of a year. New York changes its clocks twice, Kathmandu never.
func BenchmarkStart(b *testing.B) {
	for _, name := range []string{"America/New_York", "Asia/Kathmandu"} {
		b.Run(name, func(b *testing.B) {
			z, first, i := zone(b, name), On(2026, 1, 1), Date(0)
			b.ReportAllocs()
			for b.Loop() {
				(first + i).Start(z)
				i = (i + 1) % 365
			}
		})
	}
}

func BenchmarkString(b *testing.B) {
	d := On(2026, 1, 1)
	b.ReportAllocs()
	for b.Loop() {
		_ = d.String()
	}
}
