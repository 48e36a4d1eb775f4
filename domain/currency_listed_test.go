package domain

import (
	"slices"
	"testing"
	"time"

	"golang.org/x/text/currency"
)

// tenderEnds returns the last day on which each currency was legal tender anywhere, by
// the tables of x/text (CLDR), without currencies that are still legal tender.
func tenderEnds() map[string]time.Time {
	ends, current := make(map[string]time.Time), make(map[string]bool)
	for all := currency.Query(currency.Historical, currency.NonTender); all.Next(); {
		code := all.Unit().String()
		end, hasEnded := all.To()
		current[code] = current[code] || !hasEnded
		if end.After(ends[code]) {
			ends[code] = end
		}
	}
	for code := range current {
		if current[code] {
			delete(ends, code)
		}
	}
	return ends
}

// Every currency that ceased to be legal tender since 2000 (x/text) is in the table, and is valid
// until its last day as legal tender.
func TestWithdrawnCurrenciesCoverLegalTender(t *testing.T) {
	unlisted := []string{
		"MCF",               // of Monaco: only CLDR has this code
		"SVC",               // current in ISO 4217 (list one)
		"XFO", "XFU", "XRE", // without a minor unit
	}
	withdrawnEarlier := []string{"AZM", "DEM", "ECS", "MZM", "ROL",
		"VEB"} // ISO 4217 withdrew these before they ceased to be legal tender
	since := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	checked := 0
	for code, last := range tenderEnds() {
		if last.Before(since) || slices.Contains(unlisted, code) {
			continue
		}
		checked++
		w, ok := withdrawnCurrencies[code]
		if !ok {
			t.Errorf("%s, legal tender until %s: got no row in the table, want one", code, last.Format(time.DateOnly))
			continue
		}
		if isEarlier := w.end().Before(last); isEarlier != slices.Contains(withdrawnEarlier, code) {
			t.Errorf("%s: got the end %s in the table, want %s or a listed exception", code,
				w.end().Format(time.DateOnly), last.Format(time.DateOnly))
		}
	}
	if checked < 40 {
		t.Errorf("%d currencies checked, want at least 40", checked)
	}
}

// The months are those of list three of ISO 4217. The tables of x/text are older than
// these withdrawals.
func TestWithdrawnCurrenciesOfRecentYears(t *testing.T) {
	for code, month := range map[string]string{
		"ANG": "2025-07", "BGN": "2026-01", "CUC": "2021-06", "HRK": "2023-01", "MRO": "2017-12", "SLL": "2023-12",
		"STD": "2017-12", "USS": "2014-03", "VEF": "2018-08", "ZWL": "2024-09",
	} {
		first, err := time.Parse("2006-01", month)
		if err != nil {
			t.Fatal(err)
		}
		lastDay := first.AddDate(0, 1, 0).Add(-time.Second)
		if wrong := wrongCurrency(code, lastDay); wrong != nil {
			t.Errorf("%s at %s: got %s, want a valid currency", code, lastDay.Format(time.RFC3339), wrong.Detail)
		}
		if wrongCurrency(code, lastDay.Add(24*time.Hour)) == nil {
			t.Errorf("%s: valid one day after %s, want it rejected", code, month)
		}
	}
}

// Every currency that is legal tender by the tables of x/text is current or withdrawn.
func TestCurrenciesCoverLegalTender(t *testing.T) {
	count := 0
	for all := currency.Query(); all.Next(); count++ {
		if _, ok := amountDigits(all.Unit().String()); !ok {
			t.Errorf("currency %s of %s: unknown, want it current or withdrawn", all.Unit(), all.Region())
		}
	}
	if count < 200 {
		t.Errorf("x/text lists %d pairs of a region and a currency, want at least 200", count)
	}
}
