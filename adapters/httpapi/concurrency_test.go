package httpapi

import (
	"testing"
	"time"

	"authledger/domain/access"
)

// TestQueriesOfOneCallerAreLimited checks that a query above the limit of its caller waits for
// another query of the caller, that it delays no other caller, and that records and commands
// do not count.
func TestQueriesOfOneCallerAreLimited(t *testing.T) {
	const lockout = "/v1/users/alice/lockout"
	s := newTestServer(t)
	s.reportFailures("alice", 1)
	s.server.queries = newConcurrency(1, 1)
	hold := func(role access.Role) (release func()) {
		release, err := s.server.queries.acquireCaller(t.Context(), string(role))
		if err != nil {
			t.Fatal(err)
		}
		return release
	}
	releaseGateway, releaseAuditor := hold(access.Gateway), hold(access.Auditor)
	defer releaseAuditor()
	answered := make(chan reply, 1)
	go func() {
		defer close(answered) // a failed request sends no reply
		answered <- s.get(access.Gateway, lockout)
	}()
	await(t, "the query waits at the limit of its caller", func() bool {
		s.server.queries.mu.Lock()
		defer s.server.queries.mu.Unlock()
		return s.server.queries.callers[string(access.Gateway)].requests == 2
	})
	s.get(access.Support, lockout).want(t, 200, `"failures":1`)
	s.get(access.Auditor, "/v1/records?limit=1").want(t, 200, `"seq":1`)
	s.reportFailures("alice", 1)
	select {
	case r := <-answered:
		t.Errorf("query above the limit: got status %d, want no answer before the release", r.status)
	default:
	}
	releaseGateway()
	r := <-answered
	r.want(t, 200, `"failures":2`)
}

// TestLocalStreamsLeaveConnections checks that the streams at the local socket have a limit of
// their own, for all users of the machine together, because the socket has a limited number of
// connections.
func TestLocalStreamsLeaveConnections(t *testing.T) {
	s := New(Options{Now: time.Now})
	ann, bob := access.LocalCaller("ann"), access.LocalCaller("bob")
	remote := &access.Caller{Name: "ann", Role: access.Auditor}
	var releases []func()
	open := func(of *access.Caller, isOpen bool) {
		t.Helper()
		release, err := s.openStream(of)
		if (err == nil) != isOpen {
			t.Fatalf("stream %d of %s: got error %v, want open %v", len(releases), of.Name, err, isOpen)
		}
		if err == nil {
			releases = append(releases, release)
		}
	}
	for range LocalStreamsMax / 2 {
		open(ann, true)
		open(bob, true)
	}
	open(ann, false)
	open(bob, false)
	open(remote, true)
	releases[0]()
	open(bob, true)
}
