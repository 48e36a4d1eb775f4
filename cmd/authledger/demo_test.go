package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestDemoTrafficGoesOn checks that records follow the generated day until the command is interrupted.
func TestDemoTrafficGoesOn(t *testing.T) {
	t.Parallel()
	begun := time.Now()
	url := startDemo(t)
	var ready struct{ Seq uint64 }
	body, err := get(t.Context(), url+"readyz")
	mustDo(t, err)
	mustDo(t, json.Unmarshal(body, &ready))
	next := followedRecord(t, fmt.Sprintf("%sv1/records?follow=true&after=%d", url, ready.Seq))
	if next.Seq != ready.Seq+1 || next.Time.Before(begun) {
		t.Errorf("got record %d of %v, want %d of a time after %v", next.Seq, next.Time, ready.Seq+1, begun)
	}
}

// TestDemoHasOpenWork checks that the page of work shows a sharing request that waits for an officer, and
// that a webhook has a delivery that failed.
func TestDemoHasOpenWork(t *testing.T) {
	t.Parallel()
	url := startDemo(t)
	body, err := get(t.Context(), url+"work")
	mustDo(t, err)
	if text := string(body); !strings.Contains(text, "demo-sharing-1") || !strings.Contains(text, "/demo/desk") {
		t.Errorf("page of work: got %s, want the sharing request and the webhook", text)
	}
	for !strings.Contains(string(body), `"status":404`) {
		body, err = get(t.Context(), url+"v1/webhooks/desk/deliveries")
		mustDo(t, err)
	}
}

// startDemo runs the command until the end of the test, and returns the URL that it prints.
func startDemo(t *testing.T) string {
	t.Helper()
	ctx, interrupt := context.WithCancel(context.WithoutCancel(t.Context()))
	lines, errs := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		noEnvironment := func(string) string { return "" }
		code := run(ctx, []string{"demo", "--users", "20"}, strings.NewReader(""), io.Discard, errs, noEnvironment)
		errs.Close()
		ended <- code
	}()
	t.Cleanup(func() {
		interrupt()
		if code := <-ended; code != exitDone {
			t.Errorf("demo after an interrupt: got exit code %d, want %d", code, exitDone)
		}
	})
	return demoURL(t, lines)
}

// demoURL returns the URL that the command prints, and discards the following lines.
func demoURL(t *testing.T, errs io.Reader) string {
	t.Helper()
	lines := bufio.NewScanner(errs)
	for lines.Scan() {
		if url, ok := strings.CutPrefix(lines.Text(), "open "); ok {
			go func() { _, _ = io.Copy(io.Discard, errs) }() // ends with the command
			url, _, _ = strings.Cut(url, " ")
			return url
		}
	}
	t.Fatalf("got the end of the command %v, want a line with its address", lines.Err())
	return ""
}

// recordBrief is the start of a record in a stream.
type recordBrief struct {
	Seq  uint64
	Time time.Time
}

func followedRecord(t *testing.T, url string) (r recordBrief) {
	t.Helper()
	q, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	mustDo(t, err)
	q.Header.Set("Accept", "text/event-stream")
	answer, err := http.DefaultClient.Do(q)
	mustDo(t, err)
	defer answer.Body.Close()
	for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			mustDo(t, json.Unmarshal([]byte(data), &r))
			return r
		}
	}
	t.Fatalf("%s: got status %d and no record, want a record", url, answer.StatusCode)
	return r
}
