package domain

import "testing"

// TestMinorDigits is A-33: the minor digits of ISO 4217.
func TestMinorDigits(t *testing.T) {
	const unknown = -1
	for code, want := range map[string]int{
		"USD": 2, "EUR": 2, "GBP": 2, "CHF": 2, "CAD": 2, "AUD": 2, "HKD": 2, "CNY": 2, "INR": 2, "MXN": 2,
		"MGA": 2, "MRU": 2, "HUF": 2, "TWD": 2, "IDR": 2, "SLE": 2, "XCG": 2, "ZWG": 2, "CHW": 2, "USN": 2,
		"JPY": 0, "KRW": 0, "ISK": 0, "CLP": 0, "VND": 0, "XAF": 0, "XOF": 0, "XPF": 0, "UYI": 0,
		"BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
		"CLF": 4, "UYW": 4,

		"XAU": unknown, "XAG": unknown, "XPT": unknown, "XPD": unknown, // metals
		"XDR": unknown, "XSU": unknown, "XUA": unknown, "XBA": unknown, // units of account
		"XTS": unknown, "XXX": unknown, // for tests, and for no currency
		"XAD": 2,
		"HRK": unknown, "DEM": unknown, "BGN": unknown, "ANG": unknown, // withdrawn, see TestWithdrawnCurrencies
		"CNH": unknown, "BTC": unknown, "GBX": unknown, // not in the standard
		"": unknown, "usd": unknown, "Usd": unknown, "US": unknown, "USDX": unknown, " USD": unknown,
		"840": unknown,
	} {
		got, ok := minorDigits(code)
		if !ok && got != 0 {
			t.Errorf("%q: got %d digits, want unknown", code, got)
		}
		if !ok {
			got = unknown
		}
		if got != want {
			t.Errorf("%q: got %d digits, want %d", code, got, want)
		}
	}
}

// TestMinorDigitsCount checks the number of known currencies for each number of digits.
func TestMinorDigitsCount(t *testing.T) {
	known := map[int]int{}
	code := make([]byte, 3)
	for i := range 26 * 26 * 26 {
		code[0], code[1], code[2] = byte('A'+i/26/26), byte('A'+i/26%26), byte('A'+i%26)
		digits, ok := minorDigits(string(code))
		if !ok {
			continue
		}
		known[digits]++
		if digits > minorDigitsMost {
			t.Errorf("%s: got %d digits, want at most %d", code, digits, minorDigitsMost)
		}
	}
	if known[0] != 17 || known[2] != 139 || known[3] != 7 || known[4] != 2 || len(known) != 4 {
		t.Errorf("number of currencies by digits: got %v, want 17 of 0, 139 of 2, 7 of 3, 2 of 4", known)
	}
}

func BenchmarkMinorDigits(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		minorDigits("ZAR")
	}
}
