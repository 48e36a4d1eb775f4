package natsapi

import (
	"context"
	"sync/atomic"
)

// room bounds the bytes of what is taken and has no verdict: one takes, another gives
// back.
type room struct {
	most  int64
	held  atomic.Int64
	freed chan struct{} // holds something when bytes were given back
}

func newRoom(most int64) *room { return &room{most: most, freed: make(chan struct{}, 1)} }

// take waits for room. Whatever is alone has enough.
func (r *room) take(ctx context.Context, bytes int) error {
	for held := r.held.Load(); held > 0 && held+int64(bytes) > r.most; held = r.held.Load() {
		select {
		case <-r.freed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	r.held.Add(int64(bytes))
	return nil
}

func (r *room) give(bytes int) {
	r.held.Add(-int64(bytes))
	select {
	case r.freed <- struct{}{}:
	default:
	}
}
