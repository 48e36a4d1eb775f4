package webhooks

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"authledger/domain"
)

// An endpoint receives the name in place of the pseudonym, and the signature covers the name.
func TestPost_Name(t *testing.T) {
	key, err := secretKey(testEndpoint.Secret)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Unix(1_700_000_100, 0)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || !bytes.Contains(body, []byte(`"entity":"user/zelda"`)) {
			t.Errorf("got payload %s, %v, want the name", body, err)
		}
		if got := r.Header.Get("Webhook-Signature"); got != signature(key, r.Header.Get("Webhook-Id"), at, body) {
			t.Errorf("got signature %s, want that of %s", got, body)
		}
	}))
	defer server.Close()
	to := testEndpoint
	to.URL, to.AllowPrivate = server.URL, true
	post, end := newPost(&to, &signer{key: key}, func(payload []byte) []byte {
		return bytes.ReplaceAll(payload, []byte("~pseudonym"), []byte("zelda"))
	})
	defer end()
	e := domain.Event{Entity: "user/~pseudonym", At: at, Data: new(domain.LockoutStarted)}
	sent := NewEvent("test", &domain.Record{Seq: 7, Events: []domain.Event{e}}, 0)
	if got, want := post(t.Context(), &sent, at), (outcome{accepted: true, status: http.StatusOK}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
