package httpapi

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"authledger/domain/access"
	"authledger/eventstore"
)

// Queries accept at, asOf and atLeast, and reject invalid names (contract, "Queries").
func TestQueries(t *testing.T) {
	s := newTestServer(t)
	s.reportFailures("alice", 3)
	between := time.Now().UTC().Format(time.RFC3339Nano)
	s.reportFailures("alice", 7)
	s.get(access.Gateway, "/v1/users/alice/lockout").want(t, 200, `"locked":true`, `"remaining":0`, `"seq":10`)
	//
	s.get(access.Gateway, "/v1/users/alice/lockout?at="+between).want(t, 200, `"locked":false`, `"failures":3`)
	s.get(access.Gateway, "/v1/users/alice/lockout?at=0001-01-01T00:00:00Z").
		want(t, 200, `"locked":false`, `"failures":0`)
	s.get(access.Gateway, "/v1/users/alice/lockout?asOf=9").want(t, 200, `"failures":9`, `"seq":9`)
	s.get(access.Gateway, "/v1/users/alice/lockout?asOf="+between).want(t, 200, `"failures":3`, `"seq":3`)
	s.get(access.Gateway,
		"/v1/users/alice/lockout?at="+strings.ToLower(between)+"&asOf="+strings.ToLower(between)).
		want(t, 200, `"failures":3`, `"seq":3`)
	s.get(access.Gateway, "/v1/users/alice/lockout?asOf=11").want(t, 400, "atLeast")
	s.get(access.Gateway, "/v1/users/alice/lockout?atLeast=10").want(t, 200, `"seq":10`)
	s.get(access.Gateway, "/v1/users/nobody/lockout").want(t, 200, `"failures":0`, `"remaining":10`)
	s.get(access.Dashboard, "/v1/lockouts").
		want(t, 200, `[{"user":"alice"`, `"lastSource":"gateway/gateway"`, `"more":false`)
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
	for _, query := range []string{"at=yesterday", "asOf=-1", "asOf=2999-01-01T00:00:00Z", "atLeast=x",
		"limit=0", "limit=1001", "after=x", "at=2026-01-01T00:00:00Z&at=2026-01-01T00:00:00Z", "colour=red", "%zz",
		"at=" + strings.Repeat("1", queryBytesMax)} {
		s.get(access.Gateway, "/v1/users/alice/devices?"+query).want(t, 400)
	}
	// Users type passwords where a name belongs, so an answer does not repeat an invalid
	// name.
	for _, name := range []string{"Hunter2", "hunter2 ", "hunter2%0d%0aX-Evil:1",
		strings.Repeat("hunter2", 20)} {
		r := s.get(access.Gateway, "/v1/users/"+url.PathEscape(name)+"/lockout")
		r.want(t, 400)
		if strings.Contains(strings.ToLower(r.body), "hunter2") {
			t.Errorf("invalid name: got an answer that repeats the name, want none: %s", r.body)
		}
	}
	if strings.Contains(strings.ToLower(s.log.String()), "hunter2") ||
		strings.Contains(s.log.String(), "alice") {
		t.Error("the log contains the user name of a request, want none")
	}
}

// TestSources checks that the counts of a source contain no user name, and that the server rejects a
// parameter after with an unknown source, so that a recorded read holds no invented text of a client.
func TestSources(t *testing.T) {
	s := newTestServer(t)
	s.reportFailures("alice", 3)
	for _, c := range []struct {
		role   access.Role
		query  string
		status int
		want   string
	}{
		{access.Dashboard, "", 200,
			`{"items":[{"source":"gateway/gateway","attempts":[{"event":"login.failed","reason":`},
		{access.Dashboard, "", 200, `"count":3,`},
		{access.Dashboard, "?atLeast=3", 200, `],"asOf":{"seq":3,`},
		{access.Dashboard, "?buckets=true", 200, `{"items":[],`},
		{access.Auditor, "?after=hunter2", 400, "after: invalid value, want the member next of the previous page"},
		{access.Dashboard, "?after=hunter2", 400, "after: invalid value"},
		{access.Dashboard, "?at=2026-03-02T15:09:00Z", 400, "at: the counts of this operation are those of"},
		{access.Dashboard, "?asOf=1", 400, "whole log, accepted: buckets, limit, after, atLeast, purpose"},
		{access.Support, "", 403, ""},
		{access.Gateway, "", 403, ""},
	} {
		r := s.get(c.role, "/v1/sources"+c.query)
		r.want(t, c.status, c.want)
		if strings.Contains(r.body, "alice") || strings.Contains(r.body, "hunter2") {
			t.Errorf("%s: got %s, want no user and no value of the request", c.query, r.body)
		}
	}
	records := s.get(access.Auditor, "/v1/records?type=audit.read").body
	if strings.Contains(records, "hunter2") {
		t.Errorf("got records %s, want no value of an invalid read", records)
	}
}

// A client that reads a list page by page gets every item once, in order.
func TestPages(t *testing.T) {
	s := newTestServer(t)
	const devices = 7
	for i := range devices {
		s.submit(access.Gateway, "device.activate",
			fmt.Sprintf(`{"user":"alice","device":"d%d","class":"gold","method":"portal"}`, i)).
			want(t, 200, "accepted")
	}
	for _, limit := range []int{1, 2, 3, devices, 100} {
		var seqs []int
		for after, more := "", true; more; {
			r := s.get(access.Support, fmt.Sprintf("/v1/users/alice/timeline?limit=%d&after=%s", limit, after))
			r.want(t, 200)
			var page struct {
				Records []struct{ Seq int }
				Next    string
				More    bool
			}
			if err := json.Unmarshal([]byte(r.body), &page); err != nil || len(page.Records) > limit {
				t.Fatalf("page: got %d records, %v, want at most %d", len(page.Records), err, limit)
			}
			for _, record := range page.Records {
				seqs = append(seqs, record.Seq)
			}
			after, more = page.Next, page.More
		}
		if len(seqs) != devices {
			t.Errorf("limit %d: got records %v, want %d", limit, seqs, devices)
		}
		for i, seq := range seqs {
			if seq != i+1 {
				t.Errorf("limit %d: got records %v, want record %d at index %d", limit, seqs, i+1, i)
			}
		}
	}
}

// An explanation lists every withdrawal once, page by page.
func TestWhyPages(t *testing.T) {
	const withdrawals = 130
	s := newTestServer(t)
	s.submit(access.Gateway, "device.activate",
		`{"user":"alice","device":"d1","class":"gold","method":"portal"}`).want(t, 200)
	for i := range withdrawals + 1 {
		s.submit(access.Gateway, "withdrawal.request",
			fmt.Sprintf(`{"withdrawal":"w%d","account":"U1","user":"alice","device":"d1","amount":"1.00",`+
				`"currency":"USD"}`, i)).want(t, 200)
	}
	listed := map[string]bool{}
	for after, next := "", true; next; {
		r := s.get(access.Officer, fmt.Sprintf("/v1/records/%d/why?after=%s", withdrawals+2, after))
		r.want(t, 200, fmt.Sprintf(`"count":%d`, withdrawals))
		var page struct {
			Basis []struct {
				Kind  string
				State struct{ Withdrawal string }
			}
			Next string
		}
		if err := json.Unmarshal([]byte(r.body), &page); err != nil {
			t.Fatal(err)
		}
		onPage := 0
		for _, f := range page.Basis {
			if f.Kind == "withdrawal" {
				onPage++
				listed[f.State.Withdrawal] = true
			}
		}
		if onPage > 100 {
			t.Errorf("got %d withdrawals on a page, want at most 100", onPage)
		}
		after, next = page.Next, page.Next != ""
	}
	if len(listed) != withdrawals {
		t.Errorf("got %d withdrawals on all pages, want %d", len(listed), withdrawals)
	}
	s.get(access.Officer, "/v1/records/2/why?after=x").want(t, 400, "after")
}

// The server shows sealed members in clear text only to roles with the right, for a
// purpose, and records the read (issue 4, A-48).
func TestReveal(t *testing.T) {
	s := newTestServer(t)
	s.reportFailures("alice", 1)
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
		s.get(access.Auditor, fmt.Sprint("/v1/records/", last)).
			want(t, 200, `"type":"audit.read"`, `"purpose":"case 7"`, `"reveal":true`, `"reader":"auditor"`)
	}
	before := s.rows.Position().Seq
	s.get(access.Support, "/v1/users/alice/timeline").want(t, 200, `"personal":"sealed"`)
	if s.rows.Position().Seq != before {
		t.Error("the ledger recorded a read by support without reveal, want no record (A-48)")
	}
	s.get(access.Support, "/v1/users/alice/timeline?reveal=true&purpose=call+3").want(t, 200, "192.0.2.7")
	s.get(access.Officer, "/v1/users/alice/timeline?reveal=true&purpose=call+3").want(t, 403)
	s.get(access.Support, "/v1/users/alice/lockout?reveal=true&purpose=x").want(t, 400)
	if at := s.rows.Position().Seq; at != before+1 {
		t.Errorf("got %d records of reads, want 1", at-before)
	}
}

// Personal data whose key was destroyed shows as erased where it is revealed, and as
// sealed where it is not. The list around the record is whole.
func TestRevealOfErasedData(t *testing.T) {
	s := newTestServer(t)
	s.reportFailures("alice", 1)
	s.reportFailures("bob", 1)
	if err := s.keys.Destroy([]uint32{1}, nil); err != nil { // the key of alice
		t.Fatal(err)
	}
	s.get(access.Auditor, "/v1/records/1?reveal=true&purpose=x").want(t, 200, `"personal":"erased"`)
	s.get(access.Auditor, "/v1/records/1").want(t, 200, `"personal":"sealed"`)
	s.get(access.Auditor, "/v1/records?to=2&reveal=true&purpose=x").
		want(t, 200, `"personal":"erased"`, `"personal":{"ip":"192.0.2.7"}`)
}

// TestRevealPastRetention checks that an unattributed attempt shows as erased after the retention, also if
// the record of this read is the first one after the retention (PERSON-4).
func TestRevealPastRetention(t *testing.T) {
	s := newTestServer(t)
	attempt := `{"user":"mallory","outcome":"failed","reason":"unknown_user","ip":"192.0.2.7"}`
	s.submit(access.Gateway, "login.report", attempt).want(t, 200)
	s.reportFailures("alice", 1)
	const all = "/v1/records?to=2&reveal=true&purpose=x"
	s.get(access.Auditor, all).want(t, 200, `"personal":{"user":"mallory","ip":"192.0.2.7"}`)
	s.ahead.Store(int64(15 * 31 * 24 * time.Hour))
	s.get(access.Auditor, "/v1/records/1?reveal=true&purpose=x").
		want(t, 200, `"personal":"erased after the retention"`)
	s.get(access.Auditor, all).want(t, 200, `"personal":"erased after the retention"`,
		`"personal":{"ip":"192.0.2.7"}`)
	s.get(access.Auditor, "/v1/records/1").want(t, 200, `"personal":"sealed"`)
}

// A caller who asks for sealed data gets a problem if the key is damaged. A caller who does
// not ask for it gets the record. The node's log holds the cause and no user name.
func TestRevealWithDamagedKey(t *testing.T) {
	s := newTestServer(t)
	s.reportFailures("alice", 1)
	file, err := os.OpenFile(filepath.Join(s.keys.Path(), "ring", "0000000"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteAt([]byte("damaged"), 50); err != nil { // in the first slot
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/v1/records/1?", "/v1/records?to=1&", "/v1/users/alice/timeline?"} {
		s.get(access.Auditor, path+"reveal=true&purpose=x").
			want(t, 500, "/problems/key-missing", "sealed data of record 1 is missing or damaged")
		s.get(access.Auditor, path).want(t, 200, `"personal":"sealed"`)
	}
	log := s.log.String()
	if !strings.Contains(log, eventstore.ErrKeyMissing.Error()) || strings.Contains(log, "alice") {
		t.Errorf("log: got %s, want the cause and no user name", log)
	}
}
