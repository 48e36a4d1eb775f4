package seal

import (
	"fmt"
	"testing"
)

func TestBucket_Spellings(t *testing.T) {
	s := mustOpen(t, t.TempDir())
	for _, same := range [][]string{
		{"1.2.3.4", "::ffff:1.2.3.4", "::FFFF:102:304", "0:0:0:0:0:ffff:1.2.3.4", "::ffff:1.2.3.4%eth0"},
		{"fe80::1", "fe80::1%eth0", "FE80:0:0::1", "fe80:0000:0000:0000:0000:0000:0000:0001"},
		{""},
		{"not an address"},
	} {
		for _, a := range same {
			if got, want := s.Bucket(a), s.Bucket(same[0]); got != want || got < 0 || got >= Buckets {
				t.Errorf("Bucket(%q): got %d, want %d as of %q", a, got, want, same[0])
			}
		}
	}
}

func TestBucket_EvenAndSecret(t *testing.T) {
	s, other := mustOpen(t, t.TempDir()), mustOpen(t, t.TempDir())
	const each = 100
	var count [Buckets]int
	alike := 0
	for i := range each * Buckets {
		a := fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&255, i&255)
		b := s.Bucket(a)
		count[b]++
		if b == other.Bucket(a) {
			alike++
		}
	}
	chi := 0.0
	for _, n := range count {
		chi += float64((n-each)*(n-each)) / each
	}
	// 1,023 degrees of freedom: mean 1,023, standard deviation 45.
	if chi < 1023-7*45 || chi > 1023+7*45 {
		t.Errorf("chi-squared of the buckets: got %.0f, want 1023 with an error of at most 315", chi)
	}
	if alike > 2*each {
		t.Errorf("equal buckets of two stores: got %d of %d addresses, want at most %d", alike, each*Buckets,
			2*each)
	}
}
