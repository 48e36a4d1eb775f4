package httpapi

import (
	"net/http"
	"testing"
)

func TestPreferredMediaType(t *testing.T) {
	const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
	for _, c := range []struct{ accept, first, second, want string }{
		{"", "text/plain", "text/html", "text/plain"},
		{"*/*", "text/plain", "text/html", "text/plain"},
		{browser, "text/plain", "text/html", "text/html"},
		{"text/csv", "application/json", "text/csv", "text/csv"},
		{"TEXT/CSV; header=present", "application/json", "text/csv", "text/csv"},
		{"text/*", "application/json", "text/csv", "text/csv"},
		{"text/csv, application/json", "application/json", "text/csv", "application/json"},
		{"application/json;q=0.1, text/csv;q=0.2", "application/json", "text/csv", "text/csv"},
		{"text/csv;q=0", "application/json", "text/csv", "application/json"},
		{"*/*, text/csv;q=0.0", "application/json", "text/csv", "application/json"},
		{"text/csv;q=x;;, /", "application/json", "text/csv", "application/json"},
		{"text/csv;q=2, application/json;q=0.5", "application/json", "text/csv", "application/json"},
		{"text/csv;q=Inf, application/json;q=0.5", "application/json", "text/csv", "application/json"},
		{"text/csv;q=NaN, application/json;q=0.5", "application/json", "text/csv", "application/json"},
		{"text/csv;q=-1, application/json;q=0.5", "application/json", "text/csv", "application/json"},
		{"image/png", "application/json", "text/csv", "application/json"},
	} {
		h := http.Header{}
		if c.accept != "" {
			h.Set("Accept", c.accept)
		}
		if got := preferred(h, c.first, c.second); got != c.want {
			t.Errorf("Accept %q of %s and %s: got %s, want %s", c.accept, c.first, c.second, got, c.want)
		}
	}
	twice := http.Header{"Accept": {"application/json;q=0.5", "text/csv"}}
	if got := preferred(twice, "application/json", "text/csv"); got != "text/csv" {
		t.Errorf("two headers Accept: got %s, want text/csv", got)
	}
}
