package httpapi

import (
	"os"
	"testing"

	"authledger/eventstore/wire"
)

// goodData returns valid data of a command type, from the golden file of the type.
func goodData(t testing.TB, kind string) string {
	t.Helper()
	text, err := os.ReadFile("../../domain/testdata/commands/" + kind + ".json")
	if err != nil {
		t.Fatal(err)
	}
	data, fault := wire.ReadTyped(kind, text) // a golden file has the names of records
	if fault != nil {
		t.Fatalf("golden data of %s: got %v, want valid data", kind, fault)
	}
	return string(wire.AppendData(nil, data))
}
