package counts

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"testing"

	"authledger/projections/rows"
)

// The estimate of n names is within three standard errors. It is exact for few names. The
// names are fixed, so the test has one outcome.
func TestDistinctEstimate(t *testing.T) {
	var d Distinct
	n := 0
	for _, c := range []struct {
		names int
		error float64 // relative
	}{
		{0, 0}, {1, 0}, {10, 0}, {100, 0.02}, {1_000, 0.02}, {5_000, 0.05},
		{20_000, 0.05}, {100_000, 0.05}, {1_000_000, 0.05},
	} {
		for ; n < c.names; n++ {
			d.Add(fmt.Sprintf("user%d", n))
		}
		got := d.Estimate()
		if math.Abs(float64(got)-float64(c.names)) > c.error*float64(c.names) {
			t.Errorf("estimate of %d names: got %d, want at most %.0f %% more or less", c.names, got, 100*c.error)
		}
	}
}

func TestDistinctIgnoresOrderAndRepetition(t *testing.T) {
	var a, b Distinct
	const names = 3000
	for i := range names {
		a.Add(fmt.Sprint("user", i))
	}
	for i := names - 1; i >= 0; i-- {
		b.Add(fmt.Sprint("user", i))
		b.Add(fmt.Sprint("user", (i*7)%names))
	}
	if !bytes.Equal(a.registers, b.registers) {
		t.Error("the registers depend on the order of the names, want them equal")
	}
	if a.Add("user1") {
		t.Error("add a name again: got changed, want unchanged")
	}
}

func TestDistinctRow(t *testing.T) {
	var d Distinct
	d.Add("alice")
	var read Distinct
	if err := errors.Join(rows.Decode(rows.Encode(nil, &d), &read), read.Check()); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(read.registers, d.registers) {
		t.Errorf("decode an encoded row: got the registers %x, want %x", read.registers, d.registers)
	}
	read.registers = read.registers[1:]
	if err := read.Check(); err == nil {
		t.Error("check a row with a register less: got no error")
	}
}

// The hash of a name is a part of the rows, so it never changes.
func TestHashNameNeverChanges(t *testing.T) {
	for name, want := range map[string]uint64{"": 0xefd01f60ba992926, "alice": 0x3507d047a67c08f4} {
		if got := hashName(name); got != want {
			t.Errorf("hash of %q: got %#x, want %#x", name, got, want)
		}
	}
}
