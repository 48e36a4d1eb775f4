package httpapi

import (
	"net/url"
	"strings"
	"testing"

	"authledger/domain"
	"authledger/domain/access"
	"authledger/domain/operations"
)

// TestEveryReadOfAuditorIsRecorded requests each route with the right of an auditor. The ledger records one
// audit.read with the path of the request if the route reads the ledger or needs a right, and none
// otherwise. Reads of support without reveal are not recorded.
func TestEveryReadOfAuditorIsRecorded(t *testing.T) {
	s := newTestServer(t)
	s.reportFailures("alice", 1)
	reads := 0
	for i := range routes {
		to := &routes[i]
		if to.method != "GET" || to.takesCommands || to.right != "" && !access.Auditor.May(to.right) {
			continue
		}
		path := pathOf(to)
		before := s.ledger.Health().Position.Seq
		s.get(access.Auditor, path)
		after := s.ledger.Health().Position.Seq
		if to.right == "" || to.path == "/metrics" {
			if after != before {
				t.Errorf("%s: got %d records, want none", path, after-before)
			}
			continue
		}
		if after != before+1 {
			t.Errorf("%s by an auditor: got %d records, want 1", path, after-before)
			continue
		}
		wantRead(t, s, after, path)
		reads++
		if access.Support.May(to.right) {
			s.get(access.Support, path)
			if now := s.ledger.Health().Position.Seq; now != after {
				t.Errorf("%s by support: got %d records, want none", path, now-after)
			}
		}
	}
	if want := countReads(); reads < want {
		t.Errorf("recorded routes: got %d, want at least %d, the operations that read the ledger", reads, want)
	}
}

// countReads returns the number of operations that an auditor may request and that read the ledger.
func countReads() (n int) {
	for _, o := range operations.All() {
		if o.ReadsLedger && access.Auditor.May(access.Right(o.Right)) {
			n++
		}
	}
	return n
}

func wantRead(t *testing.T, s *testServer, seq uint64, path string) {
	t.Helper()
	record, err := s.ledger.Record(t.Context(), seq)
	if err != nil {
		t.Fatal(err)
	}
	read, ok := record.Command.Data.(*domain.AuditRead)
	if !ok {
		t.Fatalf("%s: got a record of %T, want an audit.read", path, record.Command.Data)
	}
	asked, err := url.PathUnescape(read.Query)
	if err != nil || read.Reader != string(access.Auditor) || read.Role != string(access.Auditor) ||
		!strings.HasPrefix(asked, path) {
		t.Errorf("%s: got %+v, %v, want a read of the auditor with that path", path, read, err)
	}
}
