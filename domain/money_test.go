package domain

import (
	"math"
	"math/big"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestAmounts is WD-1 and A-33: the valid texts of an amount.
func TestAmounts(t *testing.T) {
	const none = -1
	for _, c := range []struct {
		text   string
		digits int
		want   int64
	}{
		{"0", 2, 0},
		{"0.00", 2, 0},
		{"0.01", 2, 1},
		{"0.1", 2, 10},
		{"12.34", 2, 1234},
		{"1000000000000", 2, int64(USDMost)},
		{"1000000000000.01", 2, int64(USDMost) + 1}, // the caller rejects it
		{"999999999999999999", 0, 999_999_999_999_999_999},
		{"92233720368547758.07", 2, math.MaxInt64},
		{"922337203685477.5807", 4, math.MaxInt64},
		{"7", 0, 7},
		{"7", 3, 7000},
		{"0.001", 3, 1},
		{"0.0001", 4, 1},

		{"92233720368547758.08", 2, none},
		{"92233720368547759", 2, none},
		{"922337203685477.5808", 4, none},
		{"999999999999999999", 1, none},
		{"1000000000000000000", 0, none}, // 19 digits
		{"1.000", 2, none},               // a trailing zero is a digit
		{"0.000", 2, none},
		{"1.0", 0, none},
		{"1.", 2, none},
		{"1.", 0, none},
		{".5", 2, none},
		{".", 2, none},
		{"", 2, none},
		{"", 0, none},
		{"01", 2, none},
		{"00", 2, none},
		{"00.5", 2, none},
		{"1e3", 2, none},
		{"10^12", 2, none},
		{"+1", 2, none},
		{"-1", 2, none},
		{"-0", 2, none},
		{"1.-1", 2, none},
		{"1.+1", 2, none},
		{"1.1.1", 4, none},
		{"1,5", 2, none},
		{"1 ", 2, none},
		{" 1", 2, none},
		{"1\n", 2, none},
		{"1_000", 2, none},
		{"0x1", 2, none},
		{"١", 2, none},
		{"NaN", 2, none},
		{"1", -1, none},
		{"1", minorDigitsMost + 1, none},
	} {
		got, ok := minorUnits(c.text, c.digits)
		if !ok && got != 0 {
			t.Errorf("minorUnits(%q) = %d, want invalid", c.text, got)
		}
		if !ok {
			got = none
		}
		if got != c.want {
			t.Errorf("minorUnits(%q, %d) = %d, want %d", c.text, c.digits, got, c.want)
		}
	}
}

// An amount in yen has no decimals, an amount in dinars has three.
func TestAmountsOfACurrency(t *testing.T) {
	for _, c := range []struct {
		text, code string
		ok         bool
	}{
		{"1", "JPY", true}, {"1.0", "JPY", false},
		{"1.00", "EUR", true}, {"1.000", "EUR", false},
		{"1.000", "KWD", true}, {"1.0000", "KWD", false},
		{"1.0000", "CLF", true}, {"1.00000", "CLF", false},
	} {
		digits, _ := minorDigits(c.code)
		if _, ok := minorUnits(c.text, digits); ok != c.ok {
			t.Errorf("amount %s %s: got valid %t, want %t", c.text, c.code, ok, c.ok)
		}
	}
}

// TestAmountsAgainstBig is A-33: it compares with a regular expression and math/big.
func TestAmountsAgainstBig(t *testing.T) {
	form := regexp.MustCompile(`^(0|[1-9][0-9]{0,17})(\.[0-9]+)?$`)
	texts := rapid.OneOf(
		rapid.StringMatching(`(0|[1-9][0-9]{0,19})(\.[0-9]{1,5})?`),
		rapid.StringMatching(`(9223372036854775[78]|92233720368547758)[0-9]{0,2}(\.[0-9]{1,4})?`),
		rapid.StringMatching(`[-+0-9.e ]{0,8}`),
		rapid.String(),
	)
	rapid.Check(t, func(t *rapid.T) {
		text, digits := texts.Draw(t, "text"), rapid.IntRange(0, minorDigitsMost).Draw(t, "digits")
		want, ok := new(big.Int), false
		if whole, fraction, _ := strings.Cut(text, "."); form.MatchString(text) && len(fraction) <= digits {
			want.SetString(whole+fraction+strings.Repeat("0", digits-len(fraction)), 10)
			ok = want.IsInt64()
		}
		got, gotOK := minorUnits(text, digits)
		if gotOK != ok || ok && got != want.Int64() {
			t.Fatalf("minorUnits(%q, %d) = %d, %v; want %d, %v", text, digits, got, gotOK, want, ok)
		}
	})
}

func TestUSDText(t *testing.T) {
	for u, want := range map[USD]string{
		0: "0.00", 1: "0.01", 10: "0.10", 99: "0.99", 100: "1.00", 20_000_000: "200000.00",
		USDMost: "1000000000000.00", math.MaxInt64: "92233720368547758.07",
		-1: "-0.01", -250: "-2.50", math.MinInt64: "-92233720368547758.08",
	} {
		if got := u.String(); got != want {
			t.Errorf("text of %d cents: got %s, want %s", int64(u), got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		u := USD(rapid.Int64Min(0).Draw(t, "cents"))
		if again, ok := ParseUSD(u.String()); !ok || again != u {
			t.Fatalf("text %s: got %d cents, %t, want %d", u, int64(again), ok, int64(u))
		}
	})
}

// sumBig returns s as a big.Int.
func sumBig(s Sum) *big.Int {
	n := new(big.Int).Mul(big.NewInt(s.Hi), big.NewInt(sumBase))
	return n.Add(n, big.NewInt(s.Lo))
}

// TestSums_DoNotOverflow is A-55: 200,000 amounts of USDMost exceed an int64 more than twice.
func TestSums_DoNotOverflow(t *testing.T) {
	var s Sum
	for range 200_000 {
		before := s
		s = s.Plus(USDMost)
		if !s.Over(USDMost-1) || s.Minus(USDMost) != before {
			t.Fatalf("sum after one more amount: got %+v, want it greater than %+v", s, before)
		}
	}
	if got, want := s.String(), "200000000000000000.00"; got != want {
		t.Errorf("sum: got %s, want %s", got, want)
	}
	if !s.Over(math.MaxInt64) || s.Remaining(math.MaxInt64) != 0 {
		t.Errorf("sum %+v: got it within the greatest limit, want it over the limit", s)
	}
	for range 200_000 {
		s = s.Minus(USDMost)
	}
	if s != (Sum{}) {
		t.Errorf("sum after all subtractions: got %+v, want 0", s)
	}
}

// TestSumsAgainstBig is A-55 and WD-6: sums and their texts are equal to those of math/big, also after
// subtractions.
func TestSumsAgainstBig(t *testing.T) {
	amount := rapid.OneOf(
		rapid.Int64Range(0, int64(USDMost)),
		rapid.Int64Range(sumBase-2, sumBase+2),
		rapid.Int64Range(math.MaxInt64-2, math.MaxInt64),
		rapid.Int64Min(0),
	)
	rapid.Check(t, func(t *rapid.T) {
		amounts := rapid.SliceOf(amount).Draw(t, "amounts")
		var s, half Sum
		want := new(big.Int)
		for i, cents := range amounts {
			if i == len(amounts)/2 {
				half, s = s, half
			}
			s = s.Plus(USD(cents))
			want.Add(want, big.NewInt(cents))
		}
		s = s.Add(half)
		for _, cents := range amounts[:rapid.IntRange(0, len(amounts)).Draw(t, "cancelled")] {
			s = s.Minus(USD(cents))
			want.Sub(want, big.NewInt(cents))
		}
		if sumBig(s).Cmp(want) != 0 || s.Hi < 0 || s.Lo < 0 || s.Lo >= sumBase {
			t.Fatalf("sum: got %+v, want %d", s, want)
		}
		if got := strings.Replace(s.String(), ".", "", 1); new(big.Int).Sub(number(got),
			want).Sign() != 0 || s.String() != dollars(want) {
			t.Fatalf("text of the sum: got %s, want %s", s, dollars(want))
		}
		limit := amount.Draw(t, "limit")
		left := new(big.Int).Sub(big.NewInt(limit), want)
		if s.Over(USD(limit)) != (left.Sign() < 0) {
			t.Fatalf("sum %s: got Over(%s) %t, want %t", s, USD(limit), s.Over(USD(limit)), left.Sign() < 0)
		}
		if left.Sign() < 0 {
			left.SetInt64(0)
		}
		if got := s.Remaining(USD(limit)); int64(got) != left.Int64() {
			t.Fatalf("sum %s: got %s remaining of %s, want %d", s, got, USD(limit), left)
		}
		if s.Plus(USD(limit)).Minus(USD(limit)) != s {
			t.Fatalf("sum plus and minus %s: got %s, want %s", USD(limit), s.Plus(USD(limit)).Minus(USD(limit)), s)
		}
	})
}

func number(text string) *big.Int {
	n, _ := new(big.Int).SetString(text, 10)
	return n
}

func dollars(cents *big.Int) string {
	return new(big.Rat).SetFrac(cents, big.NewInt(100)).FloatString(2)
}

// A sum equal to its limit does not exceed it, and no sum is negative.
func TestSumEdges(t *testing.T) {
	s := Sum{}.Plus(500)
	if s.Over(500) || !s.Over(499) || s.Remaining(500) != 0 || s.Remaining(501) != 1 || s.Remaining(0) != 0 {
		t.Errorf("sum %s: got other values of Over and Remaining near the limit, want 499 over and 501 not", s)
	}
	if !(Sum{}).Over(-1) || (Sum{}).Over(0) || (Sum{}).Remaining(-1) != 0 {
		t.Error("negative limit: got a permitted amount, want none")
	}
	if s.Minus(501) != (Sum{}) || s.Minus(math.MaxInt64) != (Sum{}) {
		t.Errorf("sum minus more than itself: got %s, want 0", s.Minus(501))
	}
	if s.Plus(-1) != s || s.Minus(-1) != s {
		t.Errorf("sum plus -1: got %s, want %s", s.Plus(-1), s)
	}
}

func TestSum_SurvivesItsRow(t *testing.T) {
	for _, s := range []Sum{{}, {Lo: 1}, {Hi: 1}, {20, sumBase - 1}, {math.MaxInt64, sumBase - 1}} {
		var again Sum
		reread(t, &s, &again)
		if again != s {
			t.Errorf("row of a sum: got %+v, want %+v", again, s)
		}
	}
}

func BenchmarkSum(b *testing.B) {
	var s Sum
	b.ReportAllocs()
	for b.Loop() {
		s = s.Plus(USDMost)
	}
}

func BenchmarkParseUSD(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		ParseUSD("200000.00")
	}
}
