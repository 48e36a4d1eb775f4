package httpapi

import (
	"os"
	"strings"
	"testing"
)

// goodData is data that a command's form passes: the golden of its type.
func goodData(t testing.TB, kind string) string {
	t.Helper()
	text, err := os.ReadFile("../../domain/testdata/commands/" + kind + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}
