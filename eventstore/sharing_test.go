package eventstore_test

import (
	"testing"

	"authledger/domain"
)

// TestSharing_ReviewNote checks that the note of a review is sealed under the key of the
// sharing and is no part of the content.
func TestSharing_ReviewNote(t *testing.T) {
	r := newRealm(t)
	state := newFolded()
	l := r.open(state, r.store)
	defer mustClose(t, l)
	review := func(note string) domain.Command {
		return command("r", &domain.SharingReview{Sharing: "s1", Officer: "olga", Decision: "approve", Note: note})
	}
	v := do(t, l, review("both came"))
	record, err := l.Record(t.Context(), v.Seq)
	if err != nil || record.Personal == nil || record.Command.Data.(*domain.SharingReview).Note != "" {
		t.Fatalf("record of the review: got %+v, %v, want the note only in the personal block", record, err)
	}
	if again := do(t, l, review("another note")); !again.Duplicate {
		t.Errorf("duplicate with another note: got %s, want a duplicate", formatted(again))
	}
	if slot, err := state.KeySlot("sharing/s1"); err != nil || slot == 0 || slot != record.Personal.Slot {
		t.Errorf("sealed under slot %d, want the sharing's %d, %v", record.Personal.Slot, slot, err)
	}
	r.verify(1)
}
