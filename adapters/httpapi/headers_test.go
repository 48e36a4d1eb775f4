package httpapi

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"authledger/domain/access"
)

// singleHeaderCases are requests that are answered with 200 or 204 when each header
// occurs once.
var singleHeaderCases = []struct {
	method, path string
	headers      []string // name, value, …
}{
	{"POST", "/v1/commands/login.report",
		[]string{"Idempotency-Key", "k-1", "Content-Type", "application/json", "X-Request-Id", "r-1",
			"Backfill", "true"}},
	{"POST", "/v1/commands",
		[]string{"Content-Type", "application/json", "Ce-Specversion", "1.0", "Ce-Id", "c-1", "Ce-Source",
			"gateway/gateway", "Ce-Type", "login.report",
			"Ce-Time", "NOW", "Ce-Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}},
	{"GET", "/v1/gate/login",
		[]string{"X-Login-User", "bob", "X-Login-Platform", "tws", "X-Login-Address", "192.0.2.7",
			"X-Login-Attempt", "a-1"}},
	{"GET", "/v1/records?follow=true&to=1", []string{"Last-Event-ID", "1"}},
}

// A header that holds one value is refused when it occurs twice, with equal values too.
func TestDoubledHeaderIsRefused(t *testing.T) {
	s := newTestServer(t)
	s.reportFailures("alice", 1)
	tested := []string{"Authorization"}
	for _, c := range singleHeaderCases {
		role := access.Gateway
		if strings.HasPrefix(c.path, "/v1/records") {
			role = access.Auditor
		}
		headers := slices.Clone(c.headers)
		if i := slices.Index(headers, "NOW"); i >= 0 {
			headers[i] = time.Now().UTC().Format(time.RFC3339)
		}
		before := s.ledger.Health().Position.Seq
		for i := 0; i < len(headers); i += 2 {
			name := http.CanonicalHeaderKey(headers[i])
			tested = append(tested, name)
			for _, second := range []string{headers[i+1], "other", ""} {
				r := s.request(role, c.method, c.path, failed, append(slices.Clone(headers), headers[i], second)...)
				r.want(t, 400, name+": more than one header")
			}
		}
		s.request(role, c.method, c.path, failed,
			append(slices.Clone(headers), "Authorization", "Bearer "+s.token[role])...).
			want(t, 400, "Authorization: more than one header")
		if after := s.ledger.Health().Position.Seq; after != before {
			t.Errorf("%s: the ledger grew from record %d to %d, want no record", c.path, before, after)
		}
		if r := s.request(role, c.method, c.path, failed, headers...); r.status != 200 && r.status != 204 {
			t.Errorf("%s: got %d %s with each header once, want 200 or 204", c.path, r.status, r.body)
		}
	}
	for _, name := range singleHeaders {
		if !slices.Contains(tested, http.CanonicalHeaderKey(name)) {
			t.Errorf("header %s: got no request in the table, want one", name)
		}
	}
}

// The server ignores these headers, or reads them as lists.
func TestListHeadersMayOccurTwice(t *testing.T) {
	s := newTestServer(t)
	for _, name := range []string{"Accept", "Accept-Encoding", "Cookie", "Forwarded", "Origin", "User-Agent",
		"Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip"} {
		s.request(access.Gateway, "GET", "/v1/users/alice/lockout", "", name, "a", name, "b").want(t, 200)
	}
}

// net/http refuses a request with two hosts before the server sees it.
func TestDoubledHostIsRefused(t *testing.T) {
	s := newTestServer(t)
	c, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close() // only read from
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(c, "GET /readyz HTTP/1.1\r\nHost: localhost\r\nHost: ledger.example\r\n\r\n")
	answer, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close() // only read from
	if answer.StatusCode != http.StatusBadRequest {
		t.Errorf("got %d, want 400", answer.StatusCode)
	}
}

// TestEveryHeaderThatIsReadIsSingle checks that [singleHeaders] contains every header that the package
// reads, except the headers in lists.
func TestEveryHeaderThatIsReadIsSingle(t *testing.T) {
	lists := []string{"contentEncodingHeader", "acceptHeader", "ifNoneMatchHeader"}
	declared, err := os.ReadFile("headers.go")
	if err != nil {
		t.Fatal(err)
	}
	singles := regexp.MustCompile(`(?s)var singleHeaders = \[\]string\{(.*?)\n\}`).FindStringSubmatch(
		string(declared))
	if singles == nil {
		t.Fatal("headers.go: got no declaration of singleHeaders, want one")
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	read := regexp.MustCompile(`(?:[hH]eader|Header\(\)|\bh)\.(?:Get|Values)\(([^()]*)\)|Header\[([^\]]*)\]`)
	found := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range read.FindAllStringSubmatch(string(source), -1) {
			found++
			name := match[1] + match[2]
			// of a table of constants, all of them in the table of requests
			isGate := file == "gate.go" && name == "at.header"
			isEvent := strings.HasPrefix(name, `"Ce-`) // every ce- header is single
			if !isGate && !isEvent && !slices.Contains(lists, name) && !strings.Contains(singles[1], name) {
				t.Errorf("%s reads the header %s: got it outside singleHeaders, want it there", file, name)
			}
		}
	}
	if found < 8 {
		t.Errorf("got %d expressions that read headers, want at least 8: correct the pattern", found)
	}
}
