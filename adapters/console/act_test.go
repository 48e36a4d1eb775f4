package console

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"authledger/domain"
	"authledger/domain/access"
)

// lateShared submits commands, and reports a time-out while isLate is set.
type lateShared struct {
	Shared
	isLate *atomic.Bool
}

func (s *lateShared) Submit(ctx context.Context, c *access.Caller, id string, data domain.CommandData,
) (domain.Verdict, error) {
	verdict, err := s.Shared.Submit(ctx, c, id, data)
	if err == nil && s.isLate.Load() {
		return domain.Verdict{}, context.DeadlineExceeded
	}
	return verdict, err
}

// bidi is a text with markup, and with a character that reverses the direction of the text.
const bidi = hostile + "\u202e"

// populateWork records a locked user, and a sharing request that waits for an officer.
func (c *testConsole) populateWork() {
	c.t.Helper()
	fingerprint := strings.Repeat("a", 64)
	c.do(20*time.Hour, &domain.IdentityRecord{User: "alice", Fingerprint: fingerprint})
	c.do(20*time.Hour, &domain.IdentityRecord{User: "carol", Fingerprint: fingerprint})
	c.do(20*time.Hour, &domain.DeviceActivate{User: "alice", Device: "card-1",
		Class: "digital_security_card_plus", Method: "portal"})
	c.do(19*time.Hour, &domain.SharingRequest{Sharing: "s-1", Requester: "carol", Owner: "alice",
		Device: "card-1", Review: true})
	c.do(18*time.Hour, &domain.IdentityVerify{User: "dora", Agent: "ann", Channel: "phone"})
	c.do(18*time.Hour, &domain.CodeIssue{User: "dora", Code: "pass-1", Kind: "temp_passcode", Agent: "ann"})
	for i := range 10 {
		c.do(time.Hour-time.Duration(i)*time.Minute, &domain.LoginReport{
			User: "bob", Outcome: "failed", Reason: "bad_credentials", Platform: "tws",
		})
	}
}

var idValues = regexp.MustCompile(`name="id" value="([^"]+)"`)

// values returns a form with the members, which are name, value, name, value …
func (v *visitor) values(members ...string) url.Values {
	v.c.t.Helper()
	form := url.Values{"form": {v.get("/").formToken(v.c.t)}}
	for i := 0; i < len(members); i += 2 {
		form.Set(members[i], members[i+1])
	}
	return form
}

// confirm submits the form of an act, and returns the form of its confirmation.
func (v *visitor) confirm(act string, members ...string) url.Values {
	v.c.t.Helper()
	form := v.values(members...)
	page := v.post("/work/"+act, form)
	found := idValues.FindStringSubmatch(page.body)
	if page.status != http.StatusOK || found == nil {
		v.c.t.Fatalf("%s: got %d %s, want 200 and a confirmation", act, page.status, page.body)
	}
	form.Set("id", found[1])
	return form
}

// want checks the status, and that the page has each of the texts.
func (r reply) want(t *testing.T, status int, texts ...string) {
	t.Helper()
	if r.status != status {
		t.Errorf("got %d %s, want %d", r.status, r.body, status)
	}
	for _, text := range texts {
		if !strings.Contains(r.body, text) {
			t.Errorf("got a page without %q, want it: %s", text, r.body)
		}
	}
}

// actCases has each act with members that the ledger accepts after populateWork, in an order in
// which one act makes the next one possible.
var actCases = []struct {
	act     string
	role    access.Role
	members []string
	will    string // of the confirmation
	record  string // type of the newest record
}{
	{"sharing", access.Officer, []string{"sharing", "s-1", "decision", "approve", "officer", "olga"},
		"can use the device", "sharing.review"},
	{"identity", access.Support, []string{"user", "bob", "agent", "ann"}, "verified this user",
		"identity.verify"},
	{"lockout", access.Support, []string{"user", "bob", "agent", "ann"}, "The lockout ends now",
		"lockout.release"},
	{"code", access.Support, []string{"user", "dora", "code", "pass-1", "by", "ann"}, "The code ends now",
		"code.revoke"},
	{"hold", access.Officer, []string{"user", "dora", "case", "L-1", "by", "olga", "purpose", "court order"},
		"refuses to erase", "person.hold"},
	{"hold-release", access.Officer, []string{"user", "dora", "case", "L-1", "by", "olga"}, "ends now",
		"person.release"},
	{"forget", access.Officer, []string{"user", "dora", "state", "0", "case", "C-1", "by", "olga",
		"typed", "dora"},
		"destroys the keys", "person.forget"},
	{"token-add", access.Operator, []string{"name", "desk", "role", "support", "persons", "ann, bo", "rate", "7",
		"expires", time.Now().UTC().Add(time.Hour).Format("2006-01-02T15:04")},
		"records the new token", "config.token_add"},
	{"token-revoke", access.Operator, []string{"name", "desk"}, "rejects the token", "config.token_revoke"},
	{"policy-adopt", access.Officer, []string{"document", policyText(domain.Presets()[3]), "by", "olga"},
		"in force from the next record on", "policy.adopt"},
	{"webhook-add", access.Operator, []string{"name", "desk", "url", "https://desk.example/in", "types", "*"},
		"records the endpoint", "config.webhook_add"},
	{"webhook-rotate", access.Operator, []string{"name", "desk", "atOnce", "true"}, "signs with the new secret",
		"config.webhook_rotate"},
	{"webhook-remove", access.Operator, []string{"name", "desk"}, "stops to send events",
		"config.webhook_remove"},
}

// Each act states its effect before it, and records one command for a repeated confirmation.
func TestActs(t *testing.T) {
	c := newTestConsole(t, true)
	c.populateWork()
	visitorOf := c.visitors()
	for _, a := range actCases {
		v := visitorOf(a.role)
		v.post("/work/"+a.act, v.values(a.members...)).want(t, http.StatusOK, a.will)
		form := v.confirm(a.act, a.members...)
		before := c.rows.Position().Seq
		first := v.post("/work/"+a.act+"/submit", form)
		first.want(t, http.StatusOK, "accepted", ">"+form.Get("id")+"<")
		v.post("/work/"+a.act+"/submit", form).want(t, http.StatusOK, "accepted", "recorded before")
		record, err := c.ledger.Record(t.Context(), before+1)
		if err != nil || c.rows.Position().Seq != before+1 {
			t.Fatalf("%s: got records up to %d, %v, want %d", a.act, c.rows.Position().Seq, err, before+1)
		}
		caller := record.Command.Caller
		if kind := record.Command.Data.CommandType(); kind != a.record || caller != string(a.role) {
			t.Errorf("%s: got %s by %s, want %s by %s", a.act, kind, caller, a.record, a.role)
		}
	}
}

// A role without the right of an act sees neither the act nor a link to it, and can't submit it.
func TestActsNeedRights(t *testing.T) {
	c := newTestConsole(t, true)
	c.populateWork()
	// Each view by an auditor is on record, too.
	count := func() int { return int(c.rows.Position().Seq) - len(c.reads()) }
	before := count()
	for _, role := range access.Roles() {
		v := c.visitor(role)
		work := v.get("/work")
		for _, a := range actCases {
			if findAct(a.act).isFor(role) {
				continue
			}
			form := v.values(a.members...)
			form.Set("id", "c-"+a.act)
			if strings.Contains(work.body, "/work/"+a.act+"?") {
				t.Errorf("%s: got a link to the act %s, want none", role, a.act)
			}
			v.get("/work/"+a.act+"?"+form.Encode()).want(t, http.StatusForbidden)
			v.post("/work/"+a.act, form).want(t, http.StatusForbidden)
			v.post("/work/"+a.act+"/submit", form).want(t, http.StatusForbidden)
		}
	}
	if got := count(); got != before {
		t.Errorf("got %d records of commands, want %d", got, before)
	}
}

func TestActsNeedForms(t *testing.T) {
	c := newTestConsole(t, true)
	c.populateWork()
	seq := c.rows.Position().Seq
	visitorOf := c.visitors()
	for _, a := range actCases {
		v := visitorOf(a.role)
		for name, change := range map[string]func(url.Values){
			"no token of the form":      func(f url.Values) { f.Del("form") },
			"another token of the form": func(f url.Values) { f.Set("form", "AAAA") },
			"no id":                     func(f url.Values) { f.Del("id") },
			"long id":                   func(f url.Values) { f.Set("id", strings.Repeat("x", 257)) },
		} {
			form := v.values(a.members...)
			form.Set("id", "c-1")
			change(form)
			got := v.post("/work/"+a.act+"/submit", form)
			if got.status != http.StatusForbidden && got.status != http.StatusBadRequest {
				t.Errorf("%s, %s: got %d %s, want 403 or 400", a.act, name, got.status, got.body)
			}
		}
		form := v.values(append(a.members, "id", "c-1")...)
		v.post("/work/"+a.act+"/submit", form, "Origin", "https://other.example").want(t, http.StatusForbidden)
	}
	if got := c.rows.Position().Seq; got != seq {
		t.Errorf("got records up to %d, want %d", got, seq)
	}
}

// An invalid member is reported at its field, and the typed values stay. No text of the person
// becomes markup.
func TestActsReportMembers(t *testing.T) {
	c := newTestConsole(t, true)
	c.populateWork()
	seq := c.rows.Position().Seq
	for _, a := range []struct {
		name, act   string
		role        access.Role
		members     []string
		status      int
		field, text string
	}{
		{"no decision", "sharing", access.Officer, []string{"sharing", "s-1", "officer", "olga"}, 422,
			"decision", ""},
		{"markup in the id", "sharing", access.Officer,
			[]string{"sharing", "s-1", "decision", "approve", "officer", bidi}, 422, "officer", "olga"},
		{"long note", "sharing", access.Officer, []string{"sharing", "s-1", "decision", "reject", "officer", "olga",
			"note", strings.Repeat("x", 2049)}, 422, "note", "want at most"},
		{"no agent", "lockout", access.Support, []string{"user", "bob"}, 422, "agent", ""},
		{"unknown sharing", "sharing", access.Officer, []string{"sharing", bidi}, 404, "", ""},
		{"no user name", "lockout", access.Support, []string{"user", bidi}, 404, "", ""},
	} {
		v := c.visitor(a.role)
		form := v.values(append(a.members, "id", "c-1")...)
		for _, path := range []string{"", "/submit"} {
			got := v.post("/work/"+a.act+path, form)
			if got.want(t, a.status); a.field != "" && !strings.Contains(got.body, `id="`+a.field+`-error"`) {
				t.Errorf("%s: got %s, want an error at the field %s", a.name, got.body, a.field)
			}
			if strings.Contains(got.body, "<script>alert") {
				t.Errorf("%s: got markup of the person: %s", a.name, got.body)
			}
		}
	}
	if got := c.rows.Position().Seq; got != seq {
		t.Errorf("got records up to %d, want %d", got, seq)
	}
}

// The confirmation shows a note with markup as text, and the person can change it.
func TestActKeepsTypedValues(t *testing.T) {
	c := newTestConsole(t, true)
	c.populateWork()
	v := c.visitor(access.Officer)
	form := v.values("sharing", "s-1", "decision", "reject", "officer", "olga", "note", bidi)
	const shown = "&lt;script&gt;alert(1)&lt;/script&gt;"
	v.post("/work/sharing", form).want(t, http.StatusOK, "<bdi class=\"typed\">"+shown, "gets no access")
	form.Set("edit", "true")
	v.post("/work/sharing", form).want(t, http.StatusOK, shown, `value="reject" required checked`)
}

// The token of a person does not permit acts on behalf of another person.
func TestActForAnotherPerson(t *testing.T) {
	c := newTestConsole(t, true)
	c.populateWork()
	v := c.visitorOf("ann", access.Support, "bo")
	v.get("/work/lockout?user=bob").want(t, http.StatusOK, `value="ann"`, `<option value="bo">`)
	form := v.confirm("lockout", "user", "bob", "agent", "eve")
	v.post("/work/lockout/submit", form).want(t, http.StatusForbidden, `id="agent-error"`, `value="eve"`)
}

// A refused command is on record with its reason in words.
func TestActRefused(t *testing.T) {
	c := newTestConsole(t, true)
	c.populateWork()
	v := c.visitor(access.Support)
	v.get("/work/lockout?user=bob").want(t, http.StatusOK, "Verify the identity of the user first",
		"/work/identity?user=bob")
	form := v.confirm("lockout", "user", "bob", "agent", "ann")
	v.post("/work/lockout/submit", form).want(t, http.StatusOK, "refused", "identity not verified")
}

// After a time-out the page submits the command again with its id.
func TestActUnknownOutcome(t *testing.T) {
	c := newTestConsole(t, true)
	c.populateWork()
	v := c.visitor(access.Officer)
	form := v.confirm("sharing", "sharing", "s-1", "decision", "approve", "officer", "olga")
	c.isLate.Store(true)
	got := v.post("/work/sharing/submit", form)
	got.want(t, http.StatusServiceUnavailable, "unknown", "same id")
	if id := idValues.FindStringSubmatch(got.body); id == nil || id[1] != form.Get("id") {
		t.Errorf("got the id %q, want %s", id, form.Get("id"))
	}
	c.isLate.Store(false)
	v.post("/work/sharing/submit", form).want(t, http.StatusOK, "accepted", "recorded before", "/records/")
}
