package httpapi

import (
	"context"
	"sync"

	"golang.org/x/sync/semaphore"
)

// concurrency limits how many requests of one kind the server serves at the same time. It
// has one limit for all callers together and one limit for each caller. It is safe for
// concurrent use.
type concurrency struct {
	all          *semaphore.Weighted
	perCallerMax int64

	mu      sync.Mutex
	callers map[string]*callerConcurrency // by name; only callers with a request
}

// callerConcurrency counts the requests of one caller.
type callerConcurrency struct {
	served   *semaphore.Weighted
	requests int // requests that the server serves, or that wait
}

func newConcurrency(most, perCallerMax int64) *concurrency {
	return &concurrency{all: semaphore.NewWeighted(most), perCallerMax: perCallerMax, callers: make(map[string]*callerConcurrency)}
}

// acquireCaller waits until the limit of the caller permits another request, or until ctx
// ends. The caller of acquireCaller calls release when err is nil.
func (l *concurrency) acquireCaller(ctx context.Context, name string) (release func(), err error) {
	of := l.add(name)
	if err := of.served.Acquire(ctx, 1); err != nil {
		l.remove(name, of)
		return nil, err
	}
	return func() { of.served.Release(1); l.remove(name, of) }, nil
}

// acquire waits until the limits of the caller and of all callers permit another request, or
// until ctx ends. The caller of acquire calls release when err is nil.
func (l *concurrency) acquire(ctx context.Context, name string) (release func(), err error) {
	releaseCaller, err := l.acquireCaller(ctx, name)
	if err != nil {
		return nil, err
	}
	if err := l.all.Acquire(ctx, 1); err != nil {
		releaseCaller()
		return nil, err
	}
	return func() { l.all.Release(1); releaseCaller() }, nil
}

// tryAcquire counts one request against both limits without waiting. It reports false, and
// counts nothing, if one of the limits is reached. The caller of tryAcquire calls release
// when ok is true.
func (l *concurrency) tryAcquire(name string) (release func(), ok bool) {
	of := l.add(name)
	if !of.served.TryAcquire(1) {
		l.remove(name, of)
		return nil, false
	}
	if !l.all.TryAcquire(1) {
		of.served.Release(1)
		l.remove(name, of)
		return nil, false
	}
	return func() { l.all.Release(1); of.served.Release(1); l.remove(name, of) }, true
}

func (l *concurrency) add(name string) *callerConcurrency {
	l.mu.Lock()
	defer l.mu.Unlock()
	of := l.callers[name]
	if of == nil {
		of = &callerConcurrency{served: semaphore.NewWeighted(l.perCallerMax)}
		l.callers[name] = of
	}
	of.requests++
	return of
}

func (l *concurrency) remove(name string, of *callerConcurrency) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if of.requests--; of.requests == 0 {
		delete(l.callers, name)
	}
}
