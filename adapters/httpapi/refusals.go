package httpapi

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// Bounds of logging refused requests.
const (
	refusalsEvery  = time.Second // interval at which the server logs the number of repeated refusals
	refusalsKeyMax = 32          // maximum number of keys that the server logs separately in one interval
)

// refusal is the key by which [refusals] counts repeated refusals.
type refusal struct {
	from   string // the caller, or the client's network if the caller is unknown
	route  string
	status int
}

// refusals logs refused requests, so that a client can't fill the disk with log lines. It
// logs the first request with a key at once. At the end of each second it logs the number
// of further requests with the key. refusalsKeyMax bounds the memory and the log lines a
// second. It is safe for concurrent use.
type refusals struct {
	log *slog.Logger

	mu     sync.Mutex
	counts map[refusal]int // number of requests after the first
	others int             // number of requests whose key was not counted, because counts had refusalsKeyMax keys
	timer  *time.Timer     // nil while counts is empty
}

// add logs or counts one refused request.
func (f *refusals) add(is refusal, attributes ...any) {
	if !f.isFirst(is) {
		return
	}
	f.log.Log(context.Background(), slog.LevelInfo, "request", attributes...)
}

// isFirst reports whether the request is the first with its key, and counts it otherwise.
func (f *refusals) isFirst(is refusal) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.timer == nil {
		f.counts = make(map[refusal]int)
		f.timer = time.AfterFunc(refusalsEvery, f.flush)
	}
	if n, ok := f.counts[is]; ok {
		f.counts[is] = n + 1
		return false
	}
	if len(f.counts) >= refusalsKeyMax {
		f.others++
		return false
	}
	f.counts[is] = 0
	return true
}

// flush logs the counted refusals and resets the counts.
func (f *refusals) flush() {
	f.mu.Lock()
	counts, others := f.counts, f.others
	f.counts, f.others = nil, 0
	if f.timer != nil {
		f.timer.Stop()
		f.timer = nil
	}
	f.mu.Unlock()
	for is, n := range counts {
		if n > 0 {
			f.log.Info("repeated refusals", "from", is.from, "route", is.route, "status", is.status, "times", n, "within", refusalsEvery)
		}
	}
	if others > 0 {
		f.log.Info("requests refused", "from", "others", "times", others, "within", refusalsEvery)
	}
}
