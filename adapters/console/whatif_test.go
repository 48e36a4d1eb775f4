package console

import (
	"context"
	"errors"
	"fmt"
	"html"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"authledger/domain"
	"authledger/domain/access"
	"authledger/eventstore"
	"authledger/eventstore/audit"
	"authledger/eventstore/memory"
	"authledger/projections"
)

// testWhatIf decides the records of the ledger in memory again.
type testWhatIf struct {
	t        *testing.T
	manifest eventstore.Manifest
	log      *memory.Store
	err      error         // result of every comparison, nil for the real result
	begun    chan struct{} // receives a value at the begin of a comparison, if it is not nil
	finish   chan struct{} // its next value ends the wait of a comparison that has begun
}

func (w *testWhatIf) run(ctx context.Context, what audit.WhatIf, progress func(at, last uint64),
) (audit.Supposed, error) {
	if w.begun != nil {
		progress(3, 8)
		w.begun <- struct{}{}
		select {
		case <-w.finish:
		case <-ctx.Done():
			return audit.Supposed{}, ctx.Err()
		}
	}
	if w.err != nil {
		return audit.Supposed{}, w.err
	}
	fresh, err := projections.Open(w.t.TempDir(), projections.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return audit.Supposed{}, err
	}
	supposed, err := audit.Suppose(ctx, w.manifest, w.log, fresh, what, progress)
	return supposed, errors.Join(err, fresh.Close())
}

// startWhatIf starts a comparison with the members of the form, and returns the path of its page.
func (v *visitor) startWhatIf(members ...string) string {
	v.c.t.Helper()
	got := v.post(whatIfPath, v.values(members...))
	got.want(v.c.t, http.StatusSeeOther)
	return got.header.Get("Location")
}

// strict is a preset under which the logins of populate lock the user earlier.
const strict = "disa-stig@1"

var recordLinks = regexp.MustCompile(`<th scope="row" class="number"><a href="/records/(\d+)"`)

// TestWhatIfListsTheVerdictsThatWouldDiffer compares the page with a direct computation.
func TestWhatIfListsTheVerdictsThatWouldDiffer(t *testing.T) {
	c := newTestConsole(t, true)
	c.populate()
	for name, test := range map[string]struct {
		members  []string
		from, to uint64
		policy   string
	}{
		"preset":           {[]string{"policy", strict}, 1, 0, strict},
		"document":         {[]string{"document", policyText(presetOf(t, strict))}, 1, 0, strict},
		"records 10 to 14": {[]string{"policy", strict, "from", "10", "to", "14"}, 10, 14, strict},
		"policy in force":  {[]string{"policy", domain.IBKRSLS().Version}, 1, 0, domain.IBKRSLS().Version},
		"after the newest": {[]string{"policy", strict, "from", "1000"}, 1000, 0, strict},
		"blanks around it": {[]string{"policy", strict, "from", " 10 ", "to", " 14 "}, 10, 14, strict},
	} {
		t.Run(name, func(t *testing.T) {
			var want []string
			w := audit.WhatIf{Policy: presetOf(t, test.policy).Compiled(), From: test.from, To: test.to}
			w.Differs = func(was *domain.Record, _ *domain.Decision) error {
				want = append(want, fmt.Sprint(was.Seq))
				return nil
			}
			supposed, err := (&testWhatIf{t: t, manifest: c.whatIf.manifest, log: c.whatIf.log}).run(t.Context(), w,
				func(uint64, uint64) {})
			if err != nil {
				t.Fatal(err)
			}
			v := c.visitor(access.Officer)
			path := v.startWhatIf(test.members...)
			c.api.AwaitTasks()
			page := v.get(path)
			page.want(t, http.StatusOK, test.policy, fmt.Sprintf("<dd>%d</dd>", supposed.Decided))
			var got []string
			for _, found := range recordLinks.FindAllStringSubmatch(page.body, -1) {
				got = append(got, found[1])
			}
			if !slices.Equal(got, want) || (len(want) == 0) != strings.Contains(page.body, "No verdict would differ") {
				t.Errorf("got the records %q, want %q: %s", got, want, page.body)
			}
			if page.header.Get("Refresh") != "" || strings.Contains(page.body, "http-equiv") {
				t.Error("got a reload of the result, want none")
			}
		})
	}
}

func presetOf(t *testing.T, label string) *domain.Policy {
	t.Helper()
	for _, p := range domain.Presets() {
		if p.Version == label {
			return p
		}
	}
	t.Fatalf("got no preset %s, want one", label)
	return nil
}

// TestWhatIfShowsEachDifference checks the rows of the failures that would be refused.
func TestWhatIfShowsEachDifference(t *testing.T) {
	c := newTestConsole(t, true)
	c.populate()
	v := c.visitor(access.Officer)
	path := v.startWhatIf("policy", strict)
	c.api.AwaitTasks()
	page := v.get(path)
	page.want(t, http.StatusOK, "login.report", `href="/users/alice"`, "#why", "By kind of difference")
	v.language = "ru"
	v.get(path).want(t, http.StatusOK, "Решения, которые были бы другими", "По виду изменения")
	v.language = "en"
	v.get(whatIfPath).want(t, http.StatusOK, `href="`+path+`"`, strict, "officer", "done")
	c.visitorOf("olga", access.Officer).get(path).want(t, http.StatusOK, strict)
}

// TestWhatIfNeedsARight requests each page of comparisons as each role.
func TestWhatIfNeedsARight(t *testing.T) {
	c := newTestConsole(t, true)
	path := c.visitor(access.Officer).startWhatIf("policy", strict)
	c.api.AwaitTasks()
	for _, role := range access.Roles() {
		v := c.visitor(role)
		form := url.Values{"form": {v.get("/").formToken(t)}, "policy": {strict}}
		may := role.May(access.WhatIf)
		status := map[bool]int{true: http.StatusOK, false: http.StatusForbidden}[may]
		v.get(whatIfPath).want(t, status)
		v.get(path).want(t, status)
		v.get(path+"/live").want(t, status)
		status = map[bool]int{true: http.StatusSeeOther, false: http.StatusForbidden}[may]
		v.post(path+"/cancel", form).want(t, status)
		v.post(whatIfPath, form).want(t, status)
		c.api.AwaitTasks()
		page := v.get("/work/policy")
		if got := strings.Contains(page.body, whatIfPath); got != may {
			t.Errorf("%s: got a link to the comparisons %t, want %t", role, got, may)
		}
	}
}

// TestWhatIfRunsOnce checks a running comparison, a second caller, and the end.
func TestWhatIfRunsOnce(t *testing.T) {
	c := newTestConsole(t, true)
	c.populate()
	c.server.liveEvery = time.Millisecond
	c.whatIf.begun, c.whatIf.finish = make(chan struct{}), make(chan struct{})
	v := c.visitor(access.Officer)
	path := v.startWhatIf("policy", strict)
	<-c.whatIf.begun
	running := v.get(path)
	running.want(t, http.StatusOK, "Commit 3 of 8", path+"/cancel", `data-stream="`+path+`/live"`,
		`<noscript><meta http-equiv="refresh" content="2; url=`+path+`?reload=2"></noscript>`)
	v.get(path+"?reload=2").want(t, http.StatusOK, `content="4; url=`+path+`?reload=4"`)
	second := c.visitorOf("olga", access.Officer)
	got := second.post(whatIfPath, second.values("policy", strict, "from", "7"))
	got.want(t, http.StatusConflict, "Another task reads the log", `value="7"`, `href="`+path+`"`, "running")
	operator := c.visitor(access.Operator)
	verify := url.Values{"form": {operator.get("/integrity").formToken(t)}}
	operator.post("/integrity/verify", verify).want(t, http.StatusConflict)
	events := make(chan reply)
	go func() { events <- v.get(path + "/live") }()
	close(c.whatIf.finish)
	c.api.AwaitTasks()
	stream := <-events // the stream ends after the event with the result
	stream.want(t, http.StatusOK, "data: <section", "By kind of difference")
	last := stream.body[strings.LastIndex(stream.body, "\nid: "):]
	if strings.Contains(last, "data-stream") || strings.Contains(last, "/cancel") {
		t.Errorf("got a stream or a button in the last event, want none: %s", last)
	}
	v.get(path).want(t, http.StatusOK, "By kind of difference")
}

func TestWhatIfForm(t *testing.T) {
	c := newTestConsole(t, true)
	v := c.visitor(access.Officer)
	const ok, wrong, missing = http.StatusOK, http.StatusUnprocessableEntity, http.StatusNotFound
	for name, test := range map[string]struct {
		members []string
		status  int
		want    string
	}{
		"no policy":             {nil, wrong, `id="policy-error"`},
		"two policies":          {[]string{"policy", strict, "document", "{}"}, wrong, `id="policy-error"`},
		"unknown policy":        {[]string{"policy", "no-such@1"}, missing, ""},
		"no JSON":               {[]string{"document", bidi}, wrong, `id="document-error"`},
		"no number":             {[]string{"policy", strict, "from", "x"}, wrong, `id="from-error"`},
		"record 0":              {[]string{"policy", strict, "to", "0"}, wrong, `id="to-error"`},
		"negative":              {[]string{"policy", strict, "from", "-1"}, wrong, `id="from-error"`},
		"last before the first": {[]string{"policy", strict, "from", "9", "to", "8"}, wrong, `id="to-error"`},
	} {
		got := v.post(whatIfPath, v.values(test.members...))
		got.want(t, test.status, test.want)
		if strings.Contains(got.body, "<script>alert") {
			t.Errorf("%s: got markup of the person: %s", name, got.body)
		}
	}
	v.get(whatIfPath+"?policy="+strict).want(t, ok, `value="`+strict+`" selected`)
	v.post(whatIfPath, url.Values{"policy": {strict}}).want(t, http.StatusForbidden)
}

// TestAdoptionLeadsToWhatIf starts a comparison from the confirmation of an adoption, and adopts the
// policy from the result.
func TestAdoptionLeadsToWhatIf(t *testing.T) {
	c := newTestConsole(t, true)
	v := c.visitor(access.Officer)
	form := v.values("document", policyText(presetOf(t, strict)), "by", "olga")
	v.post("/work/policy-adopt", form).want(t, http.StatusOK, `formaction="`+whatIfPath+`"`)
	operator := c.visitor(access.Operator)
	form.Set("form", operator.get("/").formToken(t))
	got := operator.post("/work/policy-adopt", form)
	if got.want(t, http.StatusOK); strings.Contains(got.body, whatIfPath) {
		t.Errorf("operator: got a link to the comparisons, want none: %s", got.body)
	}
	form.Set("form", v.get("/").formToken(t))
	path := v.post(whatIfPath, form).header.Get("Location")
	c.api.AwaitTasks()
	page := v.get(path)
	page.want(t, http.StatusOK, `action="/work/policy-adopt"`)
	document := regexp.MustCompile(`name="document" value="([^"]+)"`).FindStringSubmatch(page.body)
	if document == nil {
		t.Fatalf("got no document in %s, want one", page.body)
	}
	adopt := v.values("document", html.UnescapeString(document[1]), "edit", "true")
	v.post("/work/policy-adopt", adopt).want(t, http.StatusOK, `name="document"`, strict)
}
