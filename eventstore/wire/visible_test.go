package wire

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"
)

// TestVisible_Escapes checks that invisible characters are escaped and that the escaped
// text has the same meaning.
func TestVisible_Escapes(t *testing.T) {
	for text, want := range map[string]string{
		"plain": `"plain"`, "Ольга ü €": `"Ольга ü €"`, "a\u202eb": `"a\u202eb"`,
		"\u2028": `"\u2028"`, "\U000e0041": `"\udb40\udc41"`, "\u0085": `"\u0085"`,
	} {
		if got := string(visible(appendQuote([]byte("x"), text), 1)); got != "x"+want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
	rapid.Check(t, func(r *rapid.T) {
		text := rapid.String().Draw(r, "text")
		var back string
		if err := json.Unmarshal(visible(appendQuote(nil, text), 0), &back); err != nil || back != text {
			r.Fatalf("%q after a round trip: got %q, %v", text, back, err)
		}
	})
}
