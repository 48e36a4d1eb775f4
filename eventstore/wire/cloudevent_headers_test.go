package wire

import (
	"testing"

	"pgregory.net/rapid"
)

func TestReadKey_FormsOfOneId(t *testing.T) {
	for value, want := range map[string]string{
		`x`: "x", `"x"`: "x", ` "x" `: "x", `x;p=1`: "x", `"x";p=1`: "x",
		`0198c5a4-begin`: "0198c5a4-begin", `"a b"`: "a b", `"a;b"`: "a;b", `"a\"b\\c"`: `a"b\c`, `"é"`: "é",
		``: "", `""`: "", `"x`: "", `"x"y`: "", `a b`: "", `a"b`: "", `é`: "", `"x\`: "", `;p=1`: "", `a,b`: "",
	} {
		got, err := ReadKey([]string{value})
		if got != want || (err == nil) != (want != "") {
			t.Errorf("ReadKey(%s) = %q, %v, want %q", value, got, err, want)
		}
	}
	for _, values := range [][]string{nil, {"a", "b"}} {
		if got, err := ReadKey(values); err == nil {
			t.Errorf("ReadKey(%q) = %q, want an error", values, got)
		}
	}
}

func TestKeysAndAttributes_RoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.StringN(1, 40, -1).Draw(t, "id")
		if got, err := ReadKey([]string{QuoteKey(id)}); got != id || err != nil {
			t.Errorf("ReadKey(QuoteKey(%q)): got %q, %v, want the id", id, got, err)
		}
		if got, err := DecodeAttribute(EncodeAttribute(id)); got != id || err != nil {
			t.Errorf("DecodeAttribute(EncodeAttribute(%q)): got %q, %v, want the id", id, got, err)
		}
	})
}
