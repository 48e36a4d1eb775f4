package httpapi

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"authledger/access"
)

// LOCK-6: however many ask at once, ten attempts are under way at most.
func TestGate(t *testing.T) {
	s := newSite(t)
	var let atomic.Int64
	var group sync.WaitGroup
	for i := range 200 {
		group.Go(func() {
			r := s.ask(access.Gateway, []string{"GET", "POST"}[i%2], "/v1/gate/login", "", "X-Login-User", "alice", "X-Login-Attempt", fmt.Sprint("a-", i), "X-Login-Address", "192.0.2.7")
			switch {
			case r.status == 200 && r.header.Get("X-Login-Attempt") == fmt.Sprint("a-", i):
				let.Add(1)
				s.ask(access.Gateway, "POST", "/v1/commands/login.finish", fmt.Sprintf(`{"user":"alice","attempt":"a-%d","outcome":"failed","reason":"bad_credentials"}`, i), "Idempotency-Key", fmt.Sprint("f-", i)).want(t, 200, "accepted")
			case r.status != 403 || (r.header.Get("X-Login-Reason") != "attempts_in_flight" && r.header.Get("X-Login-Reason") != "locked_out"):
				t.Errorf("%d %v", r.status, r.header)
			}
		})
	}
	group.Wait()
	if let.Load() != 10 {
		t.Errorf("%d were let in, want 10", let.Load())
	}
	r := s.ask(access.Gateway, "GET", "/v1/gate/login", "", "X-Login-User", "alice")
	r.want(t, 403)
	wait, err := strconv.Atoi(r.header.Get("Retry-After"))
	if err != nil || wait < 24*3600-60 || wait > 24*3600 || r.header.Get("X-Login-Reason") != "locked_out" {
		t.Errorf("%v", r.header)
	}
	bad := s.ask(access.Gateway, "GET", "/v1/gate/login", "", "X-Login-User", "Alice!")
	bad.want(t, 403)
	if bad.header.Get("X-Login-Reason") != "invalid_character" {
		t.Error(bad.header)
	}
	// Nothing that is not understood lets anybody in.
	for _, headers := range [][]string{nil, {"X-Login-User", ""}, {"X-Login-User", "a", "X-Login-User", "b"}, {"X-Login-User", "bob", "X-Login-Platform", "fax"}, {"X-Login-User", "bob", "X-Login-Attempt", "a b"}, {"X-Login-User", strings.Repeat("a", 5000)}} {
		if r := s.ask(access.Gateway, "GET", "/v1/gate/login", "", headers...); r.status == 200 {
			t.Errorf("%v lets somebody in", headers)
		}
	}
	s.ask("", "GET", "/v1/gate/login", "", "X-Login-User", "bob").want(t, 401)
}
