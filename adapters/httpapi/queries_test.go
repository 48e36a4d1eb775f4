package httpapi

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"authledger/access"
)

// Contract, "Queries": at, asOf, atLeast, and names that can't be.
func TestQueries(t *testing.T) {
	s := newSite(t)
	s.fails("alice", 3)
	between := time.Now().UTC().Format(time.RFC3339Nano)
	s.fails("alice", 7)
	s.get(access.Gateway, "/v1/users/alice/lockout").want(t, 200, `"locked":true`, `"remaining":0`, `"seq":10`)
	s.get(access.Gateway, "/v1/users/alice/lockout?at="+between).want(t, 200, `"locked":false`, `"failures":3`)
	s.get(access.Gateway, "/v1/users/alice/lockout?asOf=9").want(t, 200, `"failures":9`, `"seq":9`)
	s.get(access.Gateway, "/v1/users/alice/lockout?asOf="+between).want(t, 200, `"failures":3`, `"seq":3`)
	s.get(access.Gateway, "/v1/users/alice/lockout?asOf=11").want(t, 400, "atLeast")
	s.get(access.Gateway, "/v1/users/alice/lockout?atLeast=10").want(t, 200, `"seq":10`)
	s.get(access.Gateway, "/v1/users/nobody/lockout").want(t, 200, `"failures":0`, `"remaining":10`)
	s.get(access.Dashboard, "/v1/lockouts").want(t, 200, `[{"user":"alice"`, `"lastSource":"gateway/gateway"`, `"more":false`)
	s.get(access.Support, "/v1/users/alice/troubleshoot").want(t, 200, `"case":1`)
	s.get(access.Gateway, "/v1/accounts/A-1/withdrawals").want(t, 200, `"windowUsd":"0.00"`)
	s.get(access.Gateway, "/v1/policy").want(t, 200, `"version":"ibkr-sls@1"`)
	s.get(access.Auditor, "/v1/records/10/why").want(t, 200, `"says"`, "locked out")
	s.get(access.Auditor, "/v1/records/999/why").want(t, 404)
	s.get(access.Auditor, "/v1/records/10/why?asOf=9").want(t, 404)
	s.get(access.Auditor, "/v1/records/10?at="+between).want(t, 404)
	s.get(access.Auditor, "/v1/records/3?at="+between+"&asOf=3").want(t, 200)
	s.get(access.Gateway, "/v1/policy?at=2001-01-01T00:00:00Z").want(t, 200, `"version":"ibkr-sls@1"`, `"seq":0`)
	s.get(access.Auditor, "/v1/records/999").want(t, 404)
	s.get(access.Auditor, "/v1/records/x").want(t, 400)
	for _, query := range []string{"at=yesterday", "asOf=-1", "asOf=2999-01-01T00:00:00Z", "atLeast=x", "limit=0", "limit=1001", "after=x", "at=2026-01-01T00:00:00Z&at=2026-01-01T00:00:00Z", "colour=red", "%zz", "at=" + strings.Repeat("1", queryBytesMax)} {
		s.get(access.Gateway, "/v1/users/alice/devices?"+query).want(t, 400)
	}
	// People type passwords where names belong: what can't be a name is not repeated.
	for _, name := range []string{"Hunter2", "hunter2 ", "hunter2%0d%0aX-Evil:1", strings.Repeat("hunter2", 20)} {
		r := s.get(access.Gateway, "/v1/users/"+url.PathEscape(name)+"/lockout")
		r.want(t, 400)
		if strings.Contains(strings.ToLower(r.body), "hunter2") {
			t.Errorf("it repeats the name: %s", r.body)
		}
	}
	if strings.Contains(strings.ToLower(s.log.String()), "hunter2") || strings.Contains(s.log.String(), "alice") {
		t.Error("the log names who a request was about")
	}
}

// Lists come page by page: every item once, in order.
func TestPages(t *testing.T) {
	s := newSite(t)
	const devices = 7
	for i := range devices {
		s.typed(access.Gateway, "device.activate", fmt.Sprintf(`{"user":"alice","device":"d%d","class":"gold","method":"portal"}`, i)).want(t, 200, "accepted")
	}
	for _, limit := range []int{1, 2, 3, devices, 100} {
		var seqs []int
		for after, more := 0, true; more; {
			r := s.get(access.Support, fmt.Sprintf("/v1/users/alice/timeline?limit=%d&after=%d", limit, after))
			r.want(t, 200)
			var page struct {
				Records []struct{ Seq int }
				More    bool
			}
			if err := json.Unmarshal([]byte(r.body), &page); err != nil || len(page.Records) > limit {
				t.Fatal(err, len(page.Records))
			}
			for _, record := range page.Records {
				seqs = append(seqs, record.Seq)
				after = record.Seq
			}
			more = page.More
		}
		if len(seqs) != devices {
			t.Errorf("limit %d: %v", limit, seqs)
		}
		for i, seq := range seqs {
			if seq != i+1 {
				t.Errorf("limit %d: %v", limit, seqs)
			}
		}
	}
}

// Sealed fields show as sealed, but to those who may, for a purpose, on record
// (issue 4, A-48).
func TestReveal(t *testing.T) {
	s := newSite(t)
	s.fails("alice", 1)
	for _, path := range []string{"/v1/records/1", "/v1/records?to=1", "/v1/users/alice/timeline"} {
		s.get(access.Auditor, path).want(t, 200, `"personal":"sealed"`)
		join := "?"
		if strings.Contains(path, "?") {
			join = "&"
		}
		s.get(access.Auditor, path+join+"reveal=true").want(t, 400, "purpose")
		s.get(access.Auditor, path+join+"reveal=true&purpose=a%0ab").want(t, 400)
		r := s.get(access.Auditor, path+join+"reveal=true&purpose=case+7")
		r.want(t, 200, `"personal":{"ip":"192.0.2.7"}`)
		last := s.rows.Position().Seq
		s.get(access.Auditor, fmt.Sprint("/v1/records/", last)).want(t, 200, `"type":"audit.read"`, `"purpose":"case 7"`, `"reveal":true`, `"reader":"auditor"`)
	}
	before := s.rows.Position().Seq
	s.get(access.Support, "/v1/users/alice/timeline").want(t, 200, `"personal":"sealed"`)
	if s.rows.Position().Seq != before {
		t.Error("support reads on record without revealing anything (A-48)")
	}
	s.get(access.Support, "/v1/users/alice/timeline?reveal=true&purpose=call+3").want(t, 200, "192.0.2.7")
	s.get(access.Officer, "/v1/users/alice/timeline?reveal=true&purpose=call+3").want(t, 403)
	s.get(access.Support, "/v1/users/alice/lockout?reveal=true&purpose=x").want(t, 400)
	if at := s.rows.Position().Seq; at != before+1 {
		t.Errorf("%d records of readings, want 1", at-before)
	}
}
