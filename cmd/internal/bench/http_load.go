package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"authledger/adapters/httpapi"
	"authledger/cmd/internal/render"
)

// post sends commands to the node. It returns an error unless the status is 200.
func (h *httpRun) post(ctx context.Context, contentType string, body []byte) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url+"/v1/commands", bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", contentType)
	request.Header.Set("Authorization", "Bearer "+h.writer)
	return h.send(request)
}

func (h *httpRun) send(request *http.Request) error {
	answer, err := h.client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close() // the error loses nothing, because the body was only read
	text, err := io.ReadAll(io.LimitReader(answer.Body, responseBytesMax))
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", answer.Status, text)
	}
	return err
}

const (
	responseBytesMax = 4 << 20 // bytes
	structured       = "application/cloudevents+json"
	structuredMany   = "application/cloudevents-batch+json"
)

// offer sends commands at a fixed rate. It sends each command when it is due, even if
// earlier commands have no response yet.
func (h *httpRun) offer(ctx context.Context) error {
	return h.offered(ctx, "one command a request", h.posting(ctx))
}

// posting returns a function that prepares the next command and returns a function that
// sends the prepared command.
func (h *httpRun) posting(ctx context.Context) func() func() error {
	return func() func() error {
		body := h.command()
		return func() error { return h.post(ctx, structured, body) }
	}
}

func (h *httpRun) offered(ctx context.Context, what string, next func() func() error) error {
	count := int(h.size.offered.Seconds() * offeredRate)
	sends := make([]func() error, count)
	for i := range sends {
		sends[i] = next()
	}
	took := make([]time.Duration, count)
	errs := make([]error, count)
	var group sync.WaitGroup
	begun := time.Now()
	for i := range sends {
		time.Sleep(time.Until(begun.Add(time.Duration(i) * time.Second / offeredRate)))
		group.Go(func() {
			sent := time.Now()
			errs[i] = sends[i]()
			took[i] = time.Since(sent)
		})
	}
	offering := time.Since(begun)
	group.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	h.found(float64(count)/offering.Seconds(), "commands/s", "rate of sending, %s, for %v", what, h.size.offered)
	h.found(milliseconds(percentile(took, 50)), "ms", "%s, p50", what)
	h.atMost(goalHTTPMedian)
	h.found(milliseconds(percentile(took, 99)), "ms", "%s, p99", what)
	h.atMost(goalHTTPTail)
	return nil
}

// offerToReaders repeats offer while other callers follow the records.
func (h *httpRun) offerToReaders(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	now, err := h.position(ctx)
	if err != nil {
		return err
	}
	r := &readers{bench: h, after: now, opened: make(chan error)}
	r.start(ctx, h.size.idle, "&entity=account/nobody")
	r.start(ctx, h.size.active, "")
	for range h.size.idle + h.size.active {
		if err := <-r.opened; err != nil {
			return err
		}
	}
	err = h.offered(ctx, fmt.Sprintf("one command a request with %s idle and %d active readers", render.Grouped(int64(h.size.idle)), h.size.active), h.posting(ctx))
	cancel()
	r.group.Wait()
	h.found(float64(r.received.Load())/float64(max(h.size.active, 1)), "records", "records that each active reader received in this time")
	return err
}

// position returns the sequence number of the node's newest record.
func (h *httpRun) position(ctx context.Context) (uint64, error) {
	body, err := h.get(ctx, "/readyz")
	var r httpapi.Readiness
	if err == nil {
		err = json.Unmarshal(body, &r)
	}
	return r.Seq, err
}

// readers follow the records of the node.
type readers struct {
	bench    *httpRun
	after    uint64
	group    sync.WaitGroup
	opened   chan error
	received atomic.Int64
}

func (r *readers) start(ctx context.Context, count int, filter string) {
	for range count {
		r.group.Go(func() { r.follow(ctx, filter) })
	}
}

func (r *readers) follow(ctx context.Context, filter string) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("%s/v1/records?follow=true&after=%d%s", r.bench.url, r.after, filter), nil)
	if err != nil {
		r.opened <- err
		return
	}
	request.Header.Set("Authorization", "Bearer "+r.bench.reader)
	answer, err := r.bench.client.Do(request)
	if err != nil {
		r.opened <- err
		return
	}
	defer answer.Body.Close() // the error loses nothing, because the body was only read
	if answer.StatusCode != http.StatusOK {
		r.opened <- errors.New(answer.Status)
		return
	}
	r.opened <- nil
	for buffer := make([]byte, 32<<10); ; {
		n, err := answer.Body.Read(buffer)
		r.received.Add(int64(bytes.Count(buffer[:n], []byte("id: "))))
		if err != nil {
			return // the context ended
		}
	}
}

// singles sends one command a request at the maximum rate.
func (h *httpRun) singles(ctx context.Context) error {
	rate, err := h.saturate(ctx, singlesAtOnce, func() (string, []byte, int) { return structured, h.command(), 1 })
	h.found(rate, "commands/s", "over HTTP, one command a request, %d connections", singlesAtOnce)
	return err
}

// batches sends many commands a request at the maximum rate.
func (h *httpRun) batches(ctx context.Context) error {
	rate, err := h.saturate(ctx, batchesAtOnce, func() (string, []byte, int) {
		body := []byte{'['}
		for i := range batchSize {
			if i > 0 {
				body = append(body, ',')
			}
			body = append(body, h.command()...)
		}
		return structuredMany, append(body, ']'), batchSize
	})
	h.found(rate, "commands/s", "over HTTP, batches of %d, %d connections", batchSize, batchesAtOnce)
	h.atLeast(goalHTTPBatches)
	return err
}

// saturate keeps atOnce requests outstanding for the duration h.size.each, and returns the
// number of commands a second.
func (h *httpRun) saturate(ctx context.Context, atOnce int, next func() (contentType string, body []byte, count int)) (rate float64, err error) {
	var mu sync.Mutex
	var group sync.WaitGroup
	var done int
	begun := time.Now()
	for range atOnce {
		group.Go(func() {
			for time.Since(begun) < h.size.each {
				mu.Lock()
				kind, body, count := next()
				mu.Unlock()
				wrong := h.post(ctx, kind, body)
				mu.Lock()
				err = errors.Join(err, wrong)
				failed := err != nil
				done += count
				mu.Unlock()
				if failed {
					return
				}
			}
		})
	}
	group.Wait()
	return float64(done) / time.Since(begun).Seconds(), err
}

// lookUps reads the lockout state of users, one after the other.
func (h *httpRun) lookUps(ctx context.Context) error {
	users := userNames(h.size.users)
	took := make([]time.Duration, h.size.lookups)
	for i := range took {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, h.url+"/v1/users/"+users[i%len(users)]+"/lockout", nil)
		if err != nil {
			return err
		}
		request.Header.Set("Authorization", "Bearer "+h.writer)
		sent := time.Now()
		if err := h.send(request); err != nil {
			return err
		}
		took[i] = time.Since(sent)
	}
	h.found(milliseconds(percentile(took, 50)), "ms", "lockout of a user over HTTP, p50")
	h.found(milliseconds(percentile(took, 99)), "ms", "lockout of a user over HTTP, p99")
	h.atMost(goalLookup)
	return nil
}
