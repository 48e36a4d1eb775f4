package natsapi

import (
	"context"
	"testing"

	"pgregory.net/rapid"
)

// Never more bytes are held than there is room for, unless one thing alone is larger;
// nobody waits for ever; and who waits is gone with its context.
func TestRoom(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const most = 100
		sizes := rapid.SliceOfN(rapid.IntRange(1, 150), 1, 200).Draw(t, "sizes")
		r, taken := newRoom(most), make(chan int, len(sizes))
		go func() {
			for _, bytes := range sizes {
				if err := r.take(context.Background(), bytes); err != nil {
					panic(err)
				}
				taken <- bytes
			}
			close(taken)
		}()
		for bytes := range taken {
			if held := r.held.Load(); held > most && held != int64(bytes) {
				t.Fatalf("%d bytes are held", held)
			}
			r.give(bytes)
		}
		if held := r.held.Load(); held != 0 {
			t.Fatalf("%d bytes are held by nobody", held)
		}
	})
	r := newRoom(1)
	ctx, cancel := context.WithCancel(t.Context())
	if err := r.take(ctx, 5); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := r.take(ctx, 1); err == nil {
		t.Error("there is room where there is none")
	}
}
