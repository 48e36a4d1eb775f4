package domain

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// USD is an amount of US dollars in cents (WD-1).
type USD int64

// USDMost is the maximum amount of one withdrawal: 10^12 dollars.
const USDMost USD = 1_000_000_000_000 * dollar

// dollar is 1 USD.
const dollar USD = 100

const usdDigits = 2

// ParseUSD parses an amount of dollars, such as a limit or usdAmount. It does not check
// the bounds: the caller rejects an amount that is zero or above [USDMost] where that is
// invalid.
func ParseUSD(text string) (USD, bool) {
	cents, ok := minorUnits(text, usdDigits)
	return USD(cents), ok
}

// String returns u in dollars with two decimals, such as 200000.00.
func (u USD) String() string {
	cents, sign := uint64(u), ""
	if u < 0 {
		cents, sign = -cents, "-" // unsigned, because the negation of the least int64 overflows
	}
	return sign + strconv.FormatUint(cents/100, 10) + "." + padded(cents%100, usdDigits)
}

// padded returns n with leading zeros to the given number of digits.
func padded(n uint64, digits int) string {
	s := strconv.FormatUint(n, 10)
	return strings.Repeat("0", digits-len(s)) + s
}

const (
	wholeDigitsMost = 18
	minorDigitsMost = 4 // of any currency, see [minorDigits]
	zeros           = "0000"
)

// minorUnits parses an amount of a currency with digits decimals and returns it in the
// smallest unit. The form is ^(0|[1-9][0-9]{0,17})(\.[0-9]+)?$ with at most digits decimals,
// including trailing zeros. It returns false for other texts, and for amounts that
// exceed int64.
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

// appendDigits returns n with the decimal digits of s appended.
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

// Sum is a sum of [USD] that cannot overflow in practice: Hi × 10^18 + Lo cents, with
// Hi ≥ 0 and 0 ≤ Lo < 10^18. An int64 of cents overflows after 92,000 amounts of [USDMost].
type Sum struct{ Hi, Lo int64 }

const sumBase = 1_000_000_000_000_000_000

// sumOf returns u as a Sum, 0 if u is negative.
func sumOf(u USD) Sum {
	cents := int64(max(u, 0))
	return Sum{Hi: cents / sumBase, Lo: cents % sumBase}
}

// Plus returns s + u. A negative u counts as 0.
func (s Sum) Plus(u USD) Sum { return s.Add(sumOf(u)) }

// Add returns s + o.
func (s Sum) Add(o Sum) Sum {
	hi, lo := s.Hi+o.Hi, s.Lo+o.Lo
	if lo >= sumBase {
		hi, lo = hi+1, lo-sumBase
	}
	return Sum{hi, lo}
}

// Minus returns s - u, at least 0. Callers subtract only amounts that they added, each once
// (WD-6).
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

// Over reports whether s exceeds limit.
func (s Sum) Over(limit USD) bool {
	hi, lo := int64(limit)/sumBase, int64(limit)%sumBase
	return s.Hi > hi || s.Hi == hi && s.Lo > lo
}

// Remaining returns limit - s, at least 0.
func (s Sum) Remaining(limit USD) USD {
	if s.Over(limit) {
		return 0
	}
	return limit - USD(s.Hi*sumBase+s.Lo) // no overflow, because s is at most limit
}

// String returns s in dollars with two decimals.
func (s Sum) String() string {
	if s.Hi == 0 {
		return USD(s.Lo).String()
	}
	cents := padded(uint64(s.Lo), 18)
	return strconv.FormatInt(s.Hi, 10) + cents[:16] + "." + cents[16:]
}

// sumForm is the form of a count in cents in rows. The default of [Form.CountMost] would limit
// it to 21 million dollars.
var sumForm = Form{Most: math.MaxInt64}

// Members lists the members for rows. Commands have no sums, and answers contain the String,
// because many JSON readers parse 10^18 as a float.
func (s *Sum) Members(v Visitor) {
	v.Count("hi", &s.Hi, sumForm)
	v.Count("lo", &s.Lo, sumForm)
}

// minorDigits returns the number of decimals that an amount in a current currency may
// have, by ISO 4217 as of January 2026, with amendment 179. It reports false for
// metals, test codes and units of account without a minor unit, and for unknown codes.
//
// A currency that is withdrawn moves to withdrawnCurrencies. No code is ever removed from
// both, because records in the currency must be decided the same way again.
func minorDigits(code string) (digits int, ok bool) {
	switch code {
	case "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV",
		"XAF", "XOF", "XPF":
		return 0, true
	case "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND":
		return 3, true
	case "CLF", "UYW":
		return 4, true
	case "AED", "AFN", "ALL", "AMD", "AOA", "ARS", "AUD", "AWG", "AZN",
		"BAM", "BBD", "BDT", "BMD", "BND", "BOB", "BOV", "BRL", "BSD", "BTN", "BWP", "BYN", "BZD",
		"CAD", "CDF", "CHE", "CHF", "CHW", "CNY", "COP", "COU", "CRC", "CUP", "CVE", "CZK",
		"DKK", "DOP", "DZD", "EGP", "ERN", "ETB", "EUR", "FJD", "FKP",
		"GBP", "GEL", "GHS", "GIP", "GMD", "GTQ", "GYD", "HKD", "HNL", "HTG", "HUF",
		"IDR", "ILS", "INR", "IRR", "JMD", "KES", "KGS", "KHR", "KPW", "KYD", "KZT",
		"LAK", "LBP", "LKR", "LRD", "LSL",
		"MAD", "MDL", "MGA", "MKD", "MMK", "MNT", "MOP", "MRU", "MUR", "MVR", "MWK", "MXN", "MXV", "MYR", "MZN",
		"NAD", "NGN", "NIO", "NOK", "NPR", "NZD", "PAB", "PEN", "PGK", "PHP", "PKR", "PLN", "QAR",
		"RON", "RSD", "RUB", "SAR", "SBD", "SCR", "SDG", "SEK", "SGD", "SHP", "SLE", "SOS", "SRD", "SSP",
		"STN", "SVC", "SYP", "SZL", "THB", "TJS", "TMT", "TOP", "TRY", "TTD", "TWD", "TZS",
		"UAH", "USD", "USN", "UYU", "UZS", "VED", "VES", "WST", "XAD", "XCD", "XCG", "YER", "ZAR", "ZMW", "ZWG":
		return 2, true
	}
	return 0, false
}

// withdrawnCurrency is a currency that ISO 4217 has withdrawn (list three).
type withdrawnCurrency struct {
	year   int
	month  time.Month // the last month in which an amount may be in this currency
	digits int        // maximum number of decimals of an amount
}

// withdrawnCurrencies are the currencies and units of account that ISO 4217 has withdrawn
// since 2000, except the gold francs, which have no minor unit. The standard states the
// withdrawal to the month, so a currency is valid until the end of that month. List three
// has no minor digits; the digits here are upper bounds, with 2 for currencies whose
// hundredths had gone out of use (BEF, GRD, LUF, MGF, PTE, TRL).
var withdrawnCurrencies = map[string]withdrawnCurrency{
	"ADP": {2003, time.July, 0}, "AFA": {2003, time.January, 2}, "ANG": {2025, time.July, 2}, "AON": {2000, time.February, 2},
	"AOR": {2000, time.February, 2}, "ATS": {2002, time.March, 2}, "AYM": {2005, time.October, 2}, "AZM": {2005, time.December, 2},
	"BEF": {2002, time.March, 2}, "BGL": {2003, time.November, 2}, "BGN": {2026, time.January, 2}, "BYB": {2001, time.January, 0},
	"BYR": {2017, time.January, 0}, "CHC": {2004, time.November, 2}, "CSD": {2006, time.October, 2}, "CUC": {2021, time.June, 2},
	"CYP": {2008, time.January, 2}, "DEM": {2002, time.March, 2}, "ECS": {2000, time.September, 2}, "ECV": {2000, time.September, 2},
	"EEK": {2011, time.January, 2}, "ESP": {2002, time.March, 0}, "FIM": {2002, time.March, 2}, "FRF": {2002, time.March, 2},
	"GHC": {2008, time.January, 2}, "GHP": {2007, time.June, 2}, "GRD": {2002, time.March, 2}, "HRK": {2023, time.January, 2},
	"IEP": {2002, time.March, 2}, "ITL": {2002, time.March, 0}, "LTL": {2014, time.December, 2}, "LUF": {2002, time.March, 2},
	"LVL": {2014, time.January, 2}, "MGF": {2004, time.December, 2}, "MRO": {2017, time.December, 2}, "MTL": {2008, time.January, 2},
	"MZM": {2006, time.June, 2}, "NLG": {2002, time.March, 2}, "PTE": {2002, time.March, 2}, "ROL": {2005, time.June, 2},
	"RUR": {2004, time.January, 2}, "SDD": {2007, time.July, 2}, "SIT": {2007, time.January, 2}, "SKK": {2009, time.January, 2},
	"SLL": {2023, time.December, 2}, "SRG": {2003, time.December, 2}, "STD": {2017, time.December, 2}, "TJR": {2001, time.April, 2},
	"TMM": {2009, time.January, 2}, "TPE": {2002, time.November, 0}, "TRL": {2005, time.December, 2}, "USS": {2014, time.March, 2},
	"VEB": {2008, time.January, 2}, "VEF": {2018, time.August, 2}, "YUM": {2003, time.July, 2}, "ZMK": {2012, time.December, 2},
	"ZWD": {2008, time.August, 2}, "ZWL": {2024, time.September, 2}, "ZWN": {2006, time.September, 2}, "ZWR": {2009, time.June, 2},
}

// end returns the first instant at which the currency is invalid in every time zone.
func (w withdrawnCurrency) end() time.Time {
	const behindUTC = 12 * time.Hour // the offset of the last time zone in which the month ends
	return time.Date(w.year, w.month+1, 1, 0, 0, 0, 0, time.UTC).Add(behindUTC)
}

// amountDigits returns the number of decimals that an amount may have in a current or
// withdrawn currency. It reports false for an unknown code.
func amountDigits(code string) (digits int, ok bool) {
	if digits, ok = minorDigits(code); ok {
		return digits, true
	}
	w, ok := withdrawnCurrencies[code]
	return w.digits, ok
}

// wrongCurrency returns the rejection of a currency that was withdrawn before t, nil if the
// currency was valid then. It never rejects a command that was recorded under version 1 of
// the rules, because that version accepted no withdrawn currency.
func wrongCurrency(code string, t time.Time) *Rejection {
	w, ok := withdrawnCurrencies[code]
	if !ok || t.Before(w.end()) {
		return nil
	}
	return &Rejection{BadField, "currency", code + " was withdrawn from ISO 4217 in " + w.end().AddDate(0, 0, -1).Format("2006-01") +
		": want a currency that was valid at the command's time"}
}
