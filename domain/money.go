package domain

import (
	"math"
	"strconv"
	"strings"
)

// USD is an amount of US dollars in cents (WD-1). Money is never a float.
type USD int64

// USDMost is the most that one withdrawal may be worth, 10^12 dollars.
const USDMost USD = 1_000_000_000_000 * dollar

// dollar is one, in cents.
const dollar USD = 100

const usdDigits = 2

// parseUSD reads an amount of dollars, such as a limit or usdAmount. It does not
// ask for [USDMost] or for more than zero: that is for those who know what the
// amount is of.
func parseUSD(text string) (USD, bool) {
	cents, ok := minorUnits(text, usdDigits)
	return USD(cents), ok
}

// String is u in dollars, always with two decimals: 200000.00.
func (u USD) String() string {
	cents, sign := uint64(u), ""
	if u < 0 {
		cents, sign = -cents, "-" // unsigned, it is right for the least int64 too
	}
	return sign + strconv.FormatUint(cents/100, 10) + "." + padded(cents%100, usdDigits)
}

// padded is n with zeros before it, in so many digits.
func padded(n uint64, digits int) string {
	s := strconv.FormatUint(n, 10)
	return strings.Repeat("0", digits-len(s)) + s
}

const (
	wholeDigitsMost = 18
	minorDigitsMost = 4 // of any currency, see [minorDigits]
	zeros           = "0000"
)

// minorUnits reads an amount of a currency with so many minor digits, and tells
// it in the smallest unit: ^(0|[1-9][0-9]{0,17})(\.[0-9]+)?$ with at most those
// digits, trailing zeros counted. What int64 can't hold is no amount: it
// is refused, never wrapped.
func minorUnits(text string, digits int) (int64, bool) {
	if digits < 0 || digits > minorDigitsMost {
		return 0, false
	}
	whole, fraction, pointed := strings.Cut(text, ".")
	if pointed && fraction == "" || len(fraction) > digits {
		return 0, false
	}
	if whole == "" || len(whole) > wholeDigitsMost || whole[0] == '0' && whole != "0" {
		return 0, false
	}
	units, ok := int64(0), true
	for _, part := range [...]string{whole, fraction, zeros[len(fraction):digits]} {
		if units, ok = appendDigits(units, part); !ok {
			return 0, false
		}
	}
	return units, true
}

// appendDigits is the number that n and then s spell.
func appendDigits(n int64, s string) (int64, bool) {
	for i := range len(s) {
		digit := int64(s[i]) - '0'
		if digit < 0 || digit > 9 || n > (math.MaxInt64-digit)/10 {
			return 0, false
		}
		n = 10*n + digit
	}
	return n, true
}

// Sum is a sum of [USD] that can't overflow: Hi × 10^18 + Lo cents, both
// at least 0 and Lo below 10^18. An int64 of cents is full after 92,000 of the
// greatest amounts; a Sum is not after one of them every nanosecond since 1970.
type Sum struct{ Hi, Lo int64 }

const sumBase = 1_000_000_000_000_000_000

// sumOf is u as a Sum. There are no negative amounts: one counts as nothing.
func sumOf(u USD) Sum {
	cents := int64(max(u, 0))
	return Sum{Hi: cents / sumBase, Lo: cents % sumBase}
}

// Plus is s and u, which is at least 0.
func (s Sum) Plus(u USD) Sum { return s.Add(sumOf(u)) }

// Add is s and o.
func (s Sum) Add(o Sum) Sum {
	hi, lo := s.Hi+o.Hi, s.Lo+o.Lo
	if lo >= sumBase {
		hi, lo = hi+1, lo-sumBase
	}
	return Sum{hi, lo}
}

// Minus is s without u, which was added before: only approved amounts are in a
// sum, and each leaves it once (WD-6). It therefore never falls below zero. If
// it would, it is zero, which a [USD] limit can be compared with.
func (s Sum) Minus(u USD) Sum {
	o := sumOf(u)
	hi, lo := s.Hi-o.Hi, s.Lo-o.Lo
	if lo < 0 {
		hi, lo = hi-1, lo+sumBase
	}
	if hi < 0 {
		return Sum{}
	}
	return Sum{hi, lo}
}

// Over reports whether s is more than limit.
func (s Sum) Over(limit USD) bool {
	hi, lo := int64(limit)/sumBase, int64(limit)%sumBase
	return s.Hi > hi || s.Hi == hi && s.Lo > lo
}

// Left is what limit leaves after s, at least 0.
func (s Sum) Left(limit USD) USD {
	if s.Over(limit) {
		return 0
	}
	return limit - USD(s.Hi*sumBase+s.Lo) // it fits, being at most limit
}

// String is s in dollars, always with two decimals.
func (s Sum) String() string {
	if s.Hi == 0 {
		return USD(s.Lo).String()
	}
	cents := padded(uint64(s.Lo), 18)
	return strconv.FormatInt(s.Hi, 10) + cents[:16] + "." + cents[16:]
}

// sumForm lifts the bound of [Form.CountMost], at which 21 million dollars end,
// for what only rows hold.
var sumForm = Form{Most: math.MaxInt64}

// Members are for rows only: no command carries a sum, and an answer tells it by
// String, since many readers of JSON take 10^18 for a float.
func (s *Sum) Members(v Visitor) {
	v.Count("hi", &s.Hi, sumForm)
	v.Count("lo", &s.Lo, sumForm)
}
