package webhooks

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"
)

// Over a real connection: what is signed is what was sent, redirects are not followed,
// and an address of one's own network is not asked unless that is allowed.
func TestPost(t *testing.T) {
	var asked []string
	key, err := secretKey(testEndpoint.Secret)
	if err != nil {
		t.Fatal(err)
	}
	e := event(7)
	payload, err := e.payload()
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Path)
		body := make([]byte, len(payload)+1)
		n, _ := r.Body.Read(body) // all of it: it is short
		at := time.Unix(1_700_000_100, 0)
		if r.Header.Get("Webhook-Id") != e.ID || r.Header.Get("Webhook-Signature") != signature(key, e.ID, at, body[:n]) || r.Header.Get("Webhook-Timestamp") != "1700000100" {
			t.Errorf("%v %s", r.Header, body[:n])
		}
		if r.URL.Path == "/moved" {
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		}
	}))
	defer server.Close()
	for _, c := range []struct {
		path  string
		allow bool
		want  outcome
	}{
		{"/ok", true, outcome{taken: true, status: 200}},
		{"/moved", true, outcome{status: 307, wrong: "a redirect, which is not followed"}},
		{"/ok", false, outcome{wrong: errPrivate.Error()}},
	} {
		to := testEndpoint
		to.URL, to.AllowPrivate = server.URL+c.path, c.allow
		if got := newPost(&to, key)(t.Context(), &e, time.Unix(1_700_000_100, 0)); got != c.want {
			t.Errorf("%s, private allowed %t: %+v, want %+v", c.path, c.allow, got, c.want)
		}
	}
	if !slices.Equal(asked, []string{"/ok", "/moved"}) {
		t.Errorf("asked %v", asked)
	}
}
