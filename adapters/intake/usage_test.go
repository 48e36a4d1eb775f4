package intake

import (
	"testing"

	"pgregory.net/rapid"
)

// TestBacklogCounts checks that a backlog counts messages exactly. The error of its bytes is
// at most one portion, because a portion that is removed in part loses the average size.
func TestBacklogCounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const sizeMax = 200_000
		var b, older backlog
		var held []uint64
		for range rapid.IntRange(0, 50).Draw(t, "older") {
			size := rapid.Uint64Range(1, sizeMax).Draw(t, "size")
			older.add(1, size)
			held = append(held, size)
		}
		b.addOlder(&older)
		for range rapid.IntRange(1, 300).Draw(t, "steps") {
			if rapid.IntRange(0, 2).Draw(t, "step") > 0 {
				size := rapid.Uint64Range(1, sizeMax).Draw(t, "size")
				b.add(1, size)
				held = append(held, size)
				continue
			}
			n := rapid.IntRange(0, 5).Draw(t, "removed")
			b.remove(uint64(n))
			held = held[min(n, len(held)):]
		}
		var bytes, portions uint64
		for _, size := range held {
			bytes += size
		}
		for _, p := range b.portions {
			portions += p.bytes
		}
		if b.messages != uint64(len(held)) || b.bytes != portions {
			t.Fatalf("got %d messages, %d bytes, portions of %d bytes; want %d messages", b.messages, b.bytes,
				portions, len(held))
		}
		if difference := max(b.bytes, bytes) - min(b.bytes, bytes); difference > portionBytes+sizeMax {
			t.Fatalf("bytes of the backlog: got %d, want %d with an error of at most %d", b.bytes, bytes,
				portionBytes+sizeMax)
		}
	})
}
