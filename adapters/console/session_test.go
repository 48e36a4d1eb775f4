package console

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"authledger/adapters/console/sessions"
	"authledger/adapters/console/text"
	"authledger/adapters/tokens/tokenstest"
	"authledger/domain"
	"authledger/domain/access"
)

func TestSignIn(t *testing.T) {
	c := newTestConsole(t, true)
	for name, want := range map[string]struct {
		token  string
		status int
		holds  string
	}{
		"a token":          {c.token[access.Support], http.StatusSeeOther, ""},
		"a token in space": {" " + c.token[access.Support] + "\n", http.StatusSeeOther, ""},
		"another text":     {"hunter2", http.StatusUnauthorized, "unknown, revoked or expired"},
		"a long text": {strings.Repeat("x", 5000), http.StatusUnauthorized,
			"unknown, revoked or expired"},
	} {
		t.Run(name, func(t *testing.T) {
			got := c.visitor("").signIn(want.token)
			if got.status != want.status || !strings.Contains(got.body, want.holds) {
				t.Errorf("got %d %s, want %d %s", got.status, got.body, want.status, want.holds)
			}
			if strings.Contains(got.body, "hunter2") || strings.Contains(got.body, "al_") {
				t.Errorf("got the token in %s, want it omitted", got.body)
			}
		})
	}
}

// TestSignInHidesTheCauseOfARejection compares the pages of an unknown token and of tokens that were
// valid before.
func TestSignInHidesTheCauseOfARejection(t *testing.T) {
	c := newTestConsole(t, true)
	revoked := c.token[access.Support]
	c.tokens.Remove(string(access.Support))
	expired, err := c.tokens.Add(tokenstest.Spec{Name: "old", Role: access.Support,
		Expires: time.Now().Add(-time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.tokens.Caller(expired); !errors.Is(err, access.ErrExpired) {
		t.Fatalf("caller of the expired token: got %v, want %v", err, access.ErrExpired)
	}
	v := c.visitor("")
	for _, language := range text.Languages() {
		v.language = language
		want := v.signIn("hunter2")
		want.want(t, http.StatusUnauthorized, `role="alert"`)
		for name, token := range map[string]string{"revoked": revoked, "expired": expired} {
			if got := v.signIn(token); got.status != want.status || got.body != want.body {
				t.Errorf("%s token in %s: got %d %s, want the page of an unknown token: %d %s", name, language,
					got.status, got.body, want.status, want.body)
			}
		}
	}
}

func TestSignIn_CookieIsRestricted(t *testing.T) {
	c := newTestConsole(t, true)
	v := c.visitor("")
	got := v.signIn(c.token[access.Support])
	i := slices.IndexFunc(got.header.Values("Set-Cookie"), func(s string) bool {
		return strings.HasPrefix(s,
			sessionCookie)
	})
	if i < 0 {
		t.Fatalf("got cookies %q, want one of the session", got.header.Values("Set-Cookie"))
	}
	for _, want := range []string{"HttpOnly", "SameSite=Strict", "Path=/"} {
		if cookie := got.header.Values("Set-Cookie")[i]; !strings.Contains(cookie, want) {
			t.Errorf("got cookie %q, want %s", cookie, want)
		}
	}
	if strings.Contains(strings.Join(got.header.Values("Set-Cookie"), ""), c.token[access.Support]) {
		t.Error("got the token in a cookie, want it on the server only")
	}
}

func TestSignInIsLimited(t *testing.T) {
	c := newTestConsole(t, true)
	now := time.Now()
	c.now = func() time.Time { return now } // no token bucket refills
	v := c.visitor("")
	for i := range 20 {
		got := v.signIn("hunter2")
		if got.status == http.StatusTooManyRequests {
			return
		}
		if got.status != http.StatusUnauthorized {
			t.Fatalf("attempt %d: got %d, want 401 or 429", i, got.status)
		}
	}
	t.Error("got 20 attempts without 429, want a limit")
}

func TestWithoutSession(t *testing.T) {
	c := newTestConsole(t, true)
	v := c.visitor("")
	got := v.get("/users/alice?asOf=3")
	if want := "/sign-in?next=%2Fusers%2Falice%3FasOf%3D3"; got.status != http.StatusSeeOther ||
		got.header.Get("Location") != want {
		t.Errorf("got %d to %s, want 303 to %s", got.status, got.header.Get("Location"), want)
	}
	if got := v.get("/live"); got.status != http.StatusUnauthorized {
		t.Errorf("live: got %d, want 401", got.status)
	}
	for _, role := range access.Roles() { // a token in a header is for the API only
		got := v.request("GET", "/", nil, "Authorization", "Bearer "+c.token[role])
		if got.status != http.StatusSeeOther {
			t.Errorf("token of %s in a header: got %d, want 303 to the sign-in", role, got.status)
		}
	}
}

func TestSessionEnds(t *testing.T) {
	for name, end := range map[string]func(*testConsole, *visitor){
		"sign out": func(c *testConsole, v *visitor) {
			v.post("/sign-out", url.Values{"form": {v.get("/").formToken(c.t)}})
		},
		"revoked token": func(c *testConsole, _ *visitor) {
			c.tokens.Remove("support")
		},
		"idle": func(c *testConsole, _ *visitor) {
			c.now = func() time.Time { return time.Now().Add(sessions.IdleMax + time.Minute) }
		},
		"expired token": func(c *testConsole, _ *visitor) {
			c.now = func() time.Time { return time.Now().Add(sessions.AgeMax + time.Hour) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newTestConsole(t, true)
			v := c.visitor(access.Support)
			if got := v.get("/"); got.status != http.StatusOK {
				t.Fatalf("before: got %d, want 200", got.status)
			}
			cookie := v.cookies[sessionCookie]
			end(c, v)
			v.cookies[sessionCookie] = cookie
			if got := v.get("/"); got.status != http.StatusSeeOther {
				t.Errorf("after: got %d, want 303 to the sign-in", got.status)
			}
		})
	}
}

func TestFormNeedsItsToken(t *testing.T) {
	c := newTestConsole(t, true)
	v := c.visitor(access.Support)
	form := v.get("/").formToken(t)
	other := c.visitor(access.Support).get("/").formToken(t)
	for name, r := range map[string]struct {
		form    string
		headers []string
		want    int
	}{
		"own token":                {form, nil, http.StatusNotFound}, // no such user
		"no token":                 {"", nil, http.StatusForbidden},
		"token of another session": {other, nil, http.StatusForbidden},
		"another origin":           {form, []string{"Origin", "https://evil.example"}, http.StatusForbidden},
		"another site":             {form, []string{"Sec-Fetch-Site", "cross-site"}, http.StatusForbidden},
		"a large form":             {form + strings.Repeat("x", formBytesMax), nil, http.StatusForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			got := v.post("/search", url.Values{"form": {r.form}, "q": {"alice"}}, r.headers...)
			if got.status != r.want {
				t.Errorf("got %d %s, want %d", got.status, got.body, r.want)
			}
		})
	}
}

func TestSearch(t *testing.T) {
	c := newTestConsole(t, true)
	c.populate()
	v := c.visitor(access.Support)
	form := v.get("/").formToken(t)
	for q, want := range map[string]string{"alice": "/users/alice", " bob ": "/users/bob", "Alice": "",
		"hunter2": "", "": ""} {
		got := v.post("/search", url.Values{"form": {form}, "q": {q}})
		if to := got.header.Get("Location"); to != want {
			t.Errorf("search of %q: got %d to %q, want %q", q, got.status, to, want)
		}
		if strings.Contains(got.body, "hunter2") {
			t.Errorf("search of %q: got the text on the page, want it omitted", q)
		}
	}
}

func TestLanguageIsKept(t *testing.T) {
	c := newTestConsole(t, true)
	v := c.visitor("")
	form := v.get("/sign-in").formToken(t)
	got := v.post("/language", url.Values{"form": {form}, "language": {"ru"}, "back": {"/sign-in?next=%2F"}})
	if to := got.header.Get("Location"); to != "/sign-in?next=%2F" {
		t.Errorf("got redirect to %q, want the former page", to)
	}
	if got := v.get("/sign-in"); !strings.Contains(got.body, `<html lang="ru">`) {
		t.Errorf("got %s, want Russian in spite of Accept-Language: en", got.body)
	}
}

func TestRedirectsStayOnTheConsole(t *testing.T) {
	for text, want := range map[string]string{
		"/users/alice?asOf=3": "/users/alice?asOf=3", "//evil.example": "/", "https://evil.example/": "/",
		`/\evil.example`: "/",
		"evil":           "/", "": "/", "/a\nb": "/", "javascript:alert(1)": "/", "/" + strings.Repeat("x",
			queryBytesMax): "/",
	} {
		if got := localPath(text); got != want {
			t.Errorf("localPath(%q): got %q, want %q", text, got, want)
		}
	}
}

// reads returns the recorded reads of the console's pages.
func (c *testConsole) reads() (all []string) {
	c.t.Helper()
	end := c.rows.Position().Seq
	for seq := uint64(1); seq <= end; seq++ {
		r, err := c.ledger.Record(c.t.Context(), seq)
		if err != nil {
			c.t.Fatal(err)
		}
		if read, ok := r.Command.Data.(*domain.AuditRead); ok {
			all = append(all, read.Role+" "+read.Query)
		}
	}
	return all
}

func TestViewsOfAuditorAreRecorded(t *testing.T) {
	c := newTestConsole(t, true)
	c.populate()
	for _, role := range []access.Role{access.Support, access.Auditor} {
		v := c.visitor(role)
		for _, path := range []string{
			"/", "/users/alice?asOf=12&family=login&unknown=x", "/users/Hunter2", "/?at=2026-01-01T00:00:00Z",
			"/assets/console.css",
		} {
			v.get(path)
		}
	}
	want := []string{"auditor /", "auditor /users/alice?asOf=12&family=login",
		"auditor /?at=2026-01-01T00%3A00%3A00Z"}
	if got := c.reads(); !slices.Equal(got, want) {
		t.Errorf("got reads %q, want %q", got, want)
	}
}

func TestOpenConsoleNeedsNoSession(t *testing.T) {
	c := newTestConsole(t, false)
	c.populate()
	v := c.visitor("")
	for path, want := range map[string]int{"/": 200, "/users/alice": 200, "/sign-in": 303} {
		if got := v.get(path); got.status != want {
			t.Errorf("%s: got %d, want %d", path, got.status, want)
		}
	}
	form := v.get("/").formToken(t)
	if got := v.post("/search", url.Values{"form": {form},
		"q": {"alice"}}); got.status != http.StatusSeeOther {
		t.Errorf("search: got %d, want 303", got.status)
	}
	if got := v.post("/search", url.Values{"form": {"x"},
		"q": {"alice"}}); got.status != http.StatusForbidden {
		t.Errorf("search with another token: got %d, want 403", got.status)
	}
}

// visitors returns a function that returns one visitor for each role, because the console limits the
// attempts to sign in.
func (c *testConsole) visitors() func(access.Role) *visitor {
	of := make(map[access.Role]*visitor)
	return func(role access.Role) *visitor {
		if of[role] == nil {
			of[role] = c.visitor(role)
		}
		return of[role]
	}
}
