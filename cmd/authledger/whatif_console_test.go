package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"authledger/cmd/internal/node"
	"authledger/eventstore/audit"
)

// page requests a page of a console, and follows redirects.
func page(t *testing.T, c *http.Client, r *http.Request) (path, body string) {
	t.Helper()
	answer, err := c.Do(r.WithContext(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close() // only read from
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: got %d %v, want 200: %s", r.Method, r.URL, answer.StatusCode, err, text)
	}
	return answer.Request.URL.Path, string(text)
}

// TestWhatIfOfConsoleEqualsTheCommand compares the page of a running node with the output of
// `policy what-if` on the same directory.
func TestWhatIfOfConsoleEqualsTheCommand(t *testing.T) {
	dir := writeAllTables(t)
	e, err := node.StartServer(node.ServerOptions{
		Listen: "127.0.0.1:0", Log: slog.New(slog.DiscardHandler), Now: time.Now,
	})
	mustDo(t, err)
	o := alteredNode(dir)
	o.ScrubRows, o.Locked = false, e.ListenLocal
	n, err := node.Open(t.Context(), o)
	mustDo(t, err)
	e.ServeNode(n)
	defer func() {
		mustDo(t, e.Shutdown())
		mustDo(t, n.Close())
	}()
	const preset = "disa-stig@1"
	code, out, errs := runLocal(t, dir, "policy", "what-if", "--preset", preset, "--json")
	if code != exitDone {
		t.Fatalf("policy what-if: got exit code %d and %s, want %d", code, errs, exitDone)
	}
	var want []string
	for line := range strings.Lines(out) {
		var d audit.Difference
		mustDo(t, json.Unmarshal([]byte(line), &d))
		want = append(want, fmt.Sprint(d.Seq))
	}
	jar, err := cookiejar.New(nil)
	mustDo(t, err)
	browser := &http.Client{Jar: jar}
	start := e.URL() + "/work/policy/what-if"
	r, err := http.NewRequest("GET", start, nil)
	mustDo(t, err)
	_, body := page(t, browser, r)
	token := regexp.MustCompile(`name="form" value="([^"]+)"`).FindStringSubmatch(body)
	form := url.Values{"form": {token[1]}, "policy": {preset}}
	r, err = http.NewRequest("POST", start, strings.NewReader(form.Encode()))
	mustDo(t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	path, _ := page(t, browser, r)
	e.AwaitTasks()
	r, err = http.NewRequest("GET", e.URL()+path, nil)
	mustDo(t, err)
	_, body = page(t, browser, r)
	var got []string
	links := regexp.MustCompile(`<th scope="row" class="number"><a href="/records/(\d+)"`)
	for _, found := range links.FindAllStringSubmatch(body, -1) {
		got = append(got, found[1])
	}
	if len(want) == 0 || !slices.Equal(got, want) {
		t.Errorf("got the records %q, want %q: %s", got, want, body)
	}
	totals := regexp.MustCompile(`(\d+) of (\d+) verdicts`).FindStringSubmatch(errs)
	if totals == nil || totals[1] != fmt.Sprint(len(got)) || !strings.Contains(body, "<dd>"+totals[2]+"</dd>") {
		t.Errorf("got a page without the totals of %q, want them: %s", errs, body)
	}
}
