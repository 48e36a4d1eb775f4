package main

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
)

// post sends a body to the node and wants the answer 200.
func (h *httpBench) post(ctx context.Context, contentType string, body []byte) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url+"/v1/commands", bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", contentType)
	request.Header.Set("Authorization", "Bearer "+h.writer)
	return h.send(request)
}

func (h *httpBench) send(request *http.Request) error {
	answer, err := h.client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close() // only read from
	text, err := io.ReadAll(io.LimitReader(answer.Body, batchAnswerMax))
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", answer.Status, text)
	}
	return err
}

const (
	batchAnswerMax = 4 << 20 // bytes
	structured     = "application/cloudevents+json"
	structuredMany = "application/cloudevents-batch+json"
)

// offer sends commands at a steady rate, however the node does: each at its own
// instant, whether or not those before are answered.
func (h *httpBench) offer(ctx context.Context) error {
	return h.offered(ctx, "one command a request", h.posting(ctx))
}

// posting makes the next command, to be sent later.
func (h *httpBench) posting(ctx context.Context) func() func() error {
	return func() func() error {
		body := h.command()
		return func() error { return h.post(ctx, structured, body) }
	}
}

func (h *httpBench) offered(ctx context.Context, what string, next func() func() error) error {
	count := int(h.size.offered.Seconds() * offeredRate)
	gives := make([]func() error, count)
	for i := range gives {
		gives[i] = next()
	}
	took := make([]time.Duration, count)
	errs := make([]error, count)
	var group sync.WaitGroup
	begun := time.Now()
	for i := range gives {
		time.Sleep(time.Until(begun.Add(time.Duration(i) * time.Second / offeredRate)))
		group.Go(func() {
			sent := time.Now()
			errs[i] = gives[i]()
			took[i] = time.Since(sent)
		})
	}
	offering := time.Since(begun)
	group.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	h.found(float64(count)/offering.Seconds(), "commands/s", "offered for %v: %s", h.size.offered, what)
	h.found(milliseconds(percentile(took, 50)), "ms", "%s, p50", what)
	h.atMost(goalHTTPMedian)
	h.found(milliseconds(percentile(took, 99)), "ms", "%s, p99", what)
	h.atMost(goalHTTPTail)
	return nil
}

// offerToReaders is the same with others reading along.
func (h *httpBench) offerToReaders(ctx context.Context) error {
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
	err = h.offered(ctx, fmt.Sprintf("the same with %s idle and %d active readers", grouped(int64(h.size.idle)), h.size.active), h.posting(ctx))
	cancel()
	r.group.Wait()
	h.found(float64(r.heard.Load())/float64(max(h.size.active, 1)), "records", "heard by an active reader meanwhile")
	return err
}

// position is how far the node has come.
func (h *httpBench) position(ctx context.Context) (uint64, error) {
	body, err := get(ctx, h.url+"/readyz")
	var r httpapi.Readiness
	if err == nil {
		err = json.Unmarshal(body, &r)
	}
	return r.Seq, err
}

// readers follow the records of the node.
type readers struct {
	bench  *httpBench
	after  uint64
	group  sync.WaitGroup
	opened chan error
	heard  atomic.Int64
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
	defer answer.Body.Close() // only read from
	if answer.StatusCode != http.StatusOK {
		r.opened <- errors.New(answer.Status)
		return
	}
	r.opened <- nil
	for buffer := make([]byte, 32<<10); ; {
		n, err := answer.Body.Read(buffer)
		r.heard.Add(int64(bytes.Count(buffer[:n], []byte("id: "))))
		if err != nil {
			return // how following ends
		}
	}
}

// singles sends one command a request, as fast as they are answered.
func (h *httpBench) singles(ctx context.Context) error {
	rate, err := h.flatOut(ctx, singlesAtOnce, func() (string, []byte, int) { return structured, h.command(), 1 })
	h.found(rate, "commands/s", "over HTTP, one command a request, %d connections", singlesAtOnce)
	return err
}

// batches sends many commands a request, as fast as they are answered.
func (h *httpBench) batches(ctx context.Context) error {
	rate, err := h.flatOut(ctx, batchesAtOnce, func() (string, []byte, int) {
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

// flatOut keeps so many requests under way for a while.
func (h *httpBench) flatOut(ctx context.Context, atOnce int, next func() (contentType string, body []byte, count int)) (rate float64, err error) {
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

// lookUps asks whether users are locked, one after the other.
func (h *httpBench) lookUps(ctx context.Context) error {
	users := benchUsers(h.size.users)
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
