package console

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"authledger/domain"
	"authledger/domain/access"
	"authledger/eventstore"
)

// testToken returns a token of a seed.
func testToken(seed [64]byte) (text, hash string) {
	text = "al_" + hex.EncodeToString(seed[:])
	sum := sha256.Sum256([]byte(text))
	return text, hex.EncodeToString(sum[:])
}

// testLetters is a store of dead letters in memory. It is safe for concurrent use.
type testLetters struct {
	mu      sync.Mutex
	all     []DeadLetter
	isAway  bool
	verdict domain.Verdict // of Retry
}

func (l *testLetters) put(letter DeadLetter) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, letter)
}

func (l *testLetters) set(isAway bool, verdict domain.Verdict) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.isAway, l.verdict = isAway, verdict
}

func (l *testLetters) List(_ context.Context, limit int) ([]DeadLetter, bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.isAway {
		return nil, false, ErrUnreachable
	}
	return l.all[:min(limit, len(l.all))], len(l.all) > limit, nil
}

// find returns the index of a dead letter. The caller holds the lock.
func (l *testLetters) find(position uint64) (int, error) {
	if l.isAway {
		return 0, ErrUnreachable
	}
	for i := range l.all {
		if l.all[i].Position == position {
			return i, nil
		}
	}
	return 0, eventstore.ErrNoRecord
}

func (l *testLetters) Show(_ context.Context, position uint64) (DeadLetter, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	i, err := l.find(position)
	if err != nil {
		return DeadLetter{}, err
	}
	return l.all[i], nil
}

func (l *testLetters) Retry(_ context.Context, _ string, position uint64) (domain.Verdict, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	i, err := l.find(position)
	if err == nil && l.verdict.Status != domain.Invalid {
		l.all = append(l.all[:i], l.all[i+1:]...)
	}
	return l.verdict, err
}

func (l *testLetters) Drop(_ context.Context, _ string, position uint64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	i, err := l.find(position)
	if err == nil {
		l.all = append(l.all[:i], l.all[i+1:]...)
	}
	return err
}

// putLetter adds a dead letter with markup, a bidi character and a byte that is no UTF-8.
func (c *testConsole) putLetter(position uint64) {
	c.letters.put(DeadLetter{Position: position, Caller: "portal", Stored: time.Now(), Reason: "missing_field",
		Detail: "user: " + bidi, Headers: map[string][]string{"Ce-Id": {bidi}}, Payload: []byte(bidi + "\xff")})
}

func TestDeadLetters(t *testing.T) {
	c := newTestConsole(t, true)
	for position := range uint64(3) {
		c.putLetter(position + 1)
	}
	v := c.visitor(access.Operator)
	page := v.get("/work")
	page.want(t, http.StatusOK, "/work/retry?position=1", "/work/drop?position=3", `\u202e`)
	page = v.get("/work/drop?position=2")
	page.want(t, http.StatusOK, "can&#39;t be undone", `\u202e`, `\xff`)
	if strings.Contains(page.body, "\u202e") || strings.Contains(page.body, "<script>alert") {
		t.Errorf("got markup or a character of the message that changes the direction: %s", page.body)
	}
	drop := v.values("position", "2", "id", "d-1")
	v.post("/work/drop/submit", drop).want(t, http.StatusOK, "done")
	v.post("/work/drop/submit", drop).want(t, http.StatusNotFound, "already handled")

	retry := v.values("position", "1", "id", "r-1")
	c.letters.set(false, domain.Verdict{Status: domain.Invalid, Detail: "user: want a member"})
	v.post("/work/retry/submit", retry).want(t, http.StatusUnprocessableEntity, "user: want a member")
	c.letters.set(false, domain.Verdict{Status: domain.Accepted, ID: "c-7", Seq: 7})
	v.post("/work/retry/submit", retry).want(t, http.StatusOK, "accepted", "c-7")
	v.post("/work/retry/submit", retry).want(t, http.StatusNotFound, "already handled")

	c.letters.set(true, domain.Verdict{})
	v.get("/work").want(t, http.StatusOK, "The NATS server can&#39;t be reached.")
	v.get("/work/retry?position=3").want(t, http.StatusServiceUnavailable)
	for _, role := range []access.Role{access.Support, access.Officer, access.Auditor} {
		other := c.visitor(role)
		for _, act := range []string{"retry", "drop"} {
			other.get("/work/"+act+"?position=3").want(t, http.StatusForbidden)
			form := other.values("position", "3", "id", "x-1")
			other.post("/work/"+act+"/submit", form).want(t, http.StatusForbidden)
		}
	}
}

var shownSecret = regexp.MustCompile(`id="secret" class="id" readonly value="([^"]+)"`)

// The page after the confirmation shows the text of a new token for a minute. No earlier page and
// no record contains it.
func TestNewTokenIsShownOnce(t *testing.T) {
	c := newTestConsole(t, true)
	v := c.visitor(access.Operator)
	form := v.confirm("token-add", "name", "desk", "role", "support")
	first := v.post("/work/token-add/submit", form)
	found := shownSecret.FindStringSubmatch(first.body)
	if first.want(t, http.StatusOK, "accepted"); found == nil {
		t.Fatalf("got no token in %s, want one", first.body)
	}
	sum := sha256.Sum256([]byte(found[1]))
	record, err := c.ledger.Record(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if got := record.Command.Data.(*domain.ConfigTokenAdd).TokenHash; got != hex.EncodeToString(sum[:]) {
		t.Errorf("got the hash %s in the record, want that of the shown token", got)
	}
	v.post("/work/token-add/submit", form).want(t, http.StatusOK, "recorded before", found[1])
	another := c.visitor(access.Operator)
	form.Set("form", another.values().Get("form"))
	if got := another.post("/work/token-add/submit", form); strings.Contains(got.body, found[1]) {
		t.Errorf("another session: got the token, want no token: %s", got.body)
	}
	c.now = func() time.Time { return time.Now().Add(2 * secretShownFor) }
	form.Set("form", v.values().Get("form"))
	got := v.post("/work/token-add/submit", form)
	if got.want(t, http.StatusOK, "was shown before"); strings.Contains(got.body, found[1]) {
		t.Errorf("after a minute: got the token, want no token: %s", got.body)
	}
}

func TestTokenMembers(t *testing.T) {
	c := newTestConsole(t, true)
	v := c.visitor(access.Operator)
	for field, members := range map[string][]string{
		"name":    {"name", "a b", "role", "support"},
		"role":    {"name", "desk"},
		"rate":    {"name", "desk", "role", "support", "rate", "many"},
		"expires": {"name", "desk", "role", "support", "expires", "soon"},
		"persons": {"name", "desk", "role", "support", "persons", "-x"},
		"nkey":    {"name", "desk", "role", "support", "nkey", "UABC"},
	} {
		got := v.post("/work/token-add", v.values(members...))
		got.want(t, http.StatusUnprocessableEntity, `id="`+field+`-error"`)
	}
	form := v.confirm("token-add", "name", "desk", "role", "support")
	v.post("/work/token-add/submit", form).want(t, http.StatusOK, "accepted")
	form = v.confirm("token-add", "name", "desk", "role", "support")
	v.post("/work/token-add/submit", form).want(t, http.StatusOK, "refused", "a token has this name")
	v.get("/work/token-revoke?name=nobody").want(t, http.StatusNotFound)
}
