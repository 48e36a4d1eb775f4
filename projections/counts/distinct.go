package counts

import (
	"errors"
	"hash/fnv"
	"math"
	"math/bits"

	"authledger/domain"
)

// distinctBits is the number of bits of a hash that select a register. With 2^12 registers
// the standard error of the estimate is 1.04/√4096 = 1.6 %.
const (
	distinctBits      = 12
	distinctRegisters = 1 << distinctBits
	distinctRankMax   = 64 - distinctBits + 1 // maximum value of a register
)

// Distinct estimates the number of different names that were added, in a fixed amount of
// memory: a HyperLogLog with hashes of 64 bits (Flajolet et al., 2007), read with the
// estimator of Ertl (New cardinality estimation algorithms for HyperLogLog sketches, 2017),
// which has no bias for small numbers.
//
// The registers are a function of the set of names: neither their order nor their number of
// occurrences changes it.
type Distinct struct{ registers []byte } // empty: no name was added

// Add adds a name and reports whether the registers have changed.
func (d *Distinct) Add(name string) bool {
	hash := hashName(name)
	at := hash >> (64 - distinctBits)
	rank := byte(min(bits.LeadingZeros64(hash<<distinctBits)+1, distinctRankMax))
	if len(d.registers) == 0 {
		d.registers = make([]byte, distinctRegisters)
	}
	if d.registers[at] >= rank {
		return false
	}
	d.registers[at] = rank
	return true
}

// hashName returns a hash whose bits are uniform: FNV-1a, whose high bits are weak for short
// names, then the finalizer of MurmurHash3. Rows depend on it, so it MUST NOT change.
func hashName(name string) uint64 {
	f := fnv.New64a()
	_, _ = f.Write([]byte(name)) // a hash has no write error
	h := f.Sum64()
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

// Estimate returns the estimated number of different names.
func (d *Distinct) Estimate() int64 {
	if len(d.registers) == 0 {
		return 0
	}
	var of [distinctRankMax + 1]int // number of registers with each value
	for _, rank := range d.registers {
		of[min(rank, distinctRankMax)]++
	}
	const m = float64(distinctRegisters)
	z := m * tau(1-float64(of[distinctRankMax])/m)
	for k := distinctRankMax - 1; k >= 1; k-- {
		z = 0.5 * (z + float64(of[k]))
	}
	z += m * sigma(float64(of[0])/m)
	return int64(math.Round(m * m / (2 * math.Ln2 * z)))
}

// sigma corrects the estimate for registers that are still 0. It is x + Σ x^(2^k)·2^(k-1).
func sigma(x float64) float64 {
	if x == 1 {
		return math.Inf(1)
	}
	sum, factor := x, 1.0
	for {
		x *= x
		before := sum
		sum += x * factor
		factor *= 2
		if sum == before {
			return sum
		}
	}
}

// tau corrects the estimate for registers with the maximum value. It is
// (1 - x - Σ (1-x^(2^-k))²·2^-k) / 3.
func tau(x float64) float64 {
	if x == 0 || x == 1 {
		return 0
	}
	sum, factor := 1-x, 1.0
	for {
		x = math.Sqrt(x)
		before := sum
		factor *= 0.5
		sum -= (1 - x) * (1 - x) * factor
		if sum == before {
			return sum / 3
		}
	}
}

// Members lists the registers for rows.
func (d *Distinct) Members(v domain.Visitor) {
	text := string(d.registers)
	v.Text("registers", &text, domain.Need)
	if text != string(d.registers) { // writing a row must not assign: see [domain.Withdrawal.Members]
		d.registers = []byte(text)
	}
}

var errDistinct = errors.New("invalid row: it has another number of registers")

// Check returns an error if the row is not one that this code writes.
func (d *Distinct) Check() error {
	if len(d.registers) != 0 && len(d.registers) != distinctRegisters {
		return errDistinct
	}
	return nil
}
