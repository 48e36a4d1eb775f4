package logtest

import (
	"testing"

	"authledger/domain"
)

// The generator draws histories with every type of event.
func TestGeneratorDrawsEveryEvent(t *testing.T) {
	missing := map[string]bool{}
	for _, kind := range domain.EventTypes() {
		missing[kind] = true
	}
	delete(missing, "person.introduced") // only a realm with pseudonyms has it
	for seed := uint64(0); len(missing) > 0; seed++ {
		if seed == 200 {
			t.Fatalf("event types without an event after %d seeds: got %v, want none", seed, missing)
		}
		h := NewHistory()
		NewGenerator(seed, 1+int(seed%6)).Write(h, 500, 9)
		for _, r := range h.Records {
			for _, e := range r.Events {
				delete(missing, e.Data.EventType())
			}
		}
	}
}
