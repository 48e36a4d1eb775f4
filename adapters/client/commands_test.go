package client

import (
	"errors"
	"strings"
	"testing"

	"authledger/domain"
)

// An id that can't be one is told of at once, over HTTP and over NATS: sent again it
// would be no better, and what a header makes of it is the id of another command.
func TestIDsThatCantTravel(t *testing.T) {
	for id, ok := range map[string]bool{
		"": false, "a\nb": false, "a\x00b": false, " a": false, "a ": false, "\xff": false, strings.Repeat("x", domain.IDBytesMax+1): false,
		"x": true, "a b": true, "100%": true, "%41": true, "\u00e9": true, `"x"`: true,
	} {
		node := &script{}
		asks, err := New(Options{URL: "https://ledger.example", Transport: node})
		if err != nil {
			t.Fatal(err)
		}
		_, err = asks.Do(t.Context(), id, &domain.LoginReport{User: "alice", Outcome: domain.Succeeded})
		if sent := len(node.asked) > 0; sent != ok || errors.Is(err, ErrUnknown) || (!ok && err == nil) {
			t.Errorf("%q: sent: %t, %v", id, sent, err)
		}
	}
}
