package client

import (
	"errors"
	"strings"
	"testing"

	"authledger/domain"
)

// Do rejects an invalid id over both transports without sending it, because a header would
// change the id.
func TestDoRejectsInvalidIDs(t *testing.T) {
	for id, ok := range map[string]bool{
		"": false, "a\nb": false, "a\x00b": false, " a": false, "a ": false, "\xff": false,
		strings.Repeat("x", domain.IDBytesMax+1): false,
		"x":                                      true, "a b": true, "100%": true, "%41": true, "\u00e9": true,
		`"x"`: true,
	} {
		node := &script{}
		client, err := New(Options{URL: "https://ledger.example", Transport: node})
		if err != nil {
			t.Fatal(err)
		}
		_, err = client.Do(t.Context(), id, &domain.LoginReport{User: "alice", Outcome: domain.Succeeded})
		if sent := len(node.asked) > 0; sent != ok || errors.Is(err, ErrUnknown) || (!ok && err == nil) {
			t.Errorf("Do with the id %q: got sent %t, error %v, want sent %t", id, sent, err, ok)
		}
	}
}
