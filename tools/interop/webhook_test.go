package interop

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// delivery is a request that an endpoint received.
type delivery struct {
	header http.Header
	body   []byte
}

// newEndpoint starts an endpoint that accepts every delivery.
func newEndpoint(t *testing.T) (url string, received <-chan delivery) {
	t.Helper()
	deliveries := make(chan delivery, 64)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("read a delivery: %v", err)
			return
		}
		deliveries <- delivery{r.Header, body}
	}))
	t.Cleanup(server.Close)
	return server.URL, deliveries
}

// verify checks a delivery with the library.
func verify(t *testing.T, secret string, d delivery) error {
	t.Helper()
	webhook, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatalf("the library reads no secret %q: %v", secret, err)
	}
	return webhook.Verify(d.body, d.header)
}

func TestStandardWebhooksVerifiesDelivery(t *testing.T) {
	n := startNode(t)
	token := n.token("portal", "gateway")
	url, received := newEndpoint(t)
	deliver := func(id string) delivery {
		t.Helper()
		n.report(token, id, "alice")
		select {
		case d := <-received:
			return d
		case <-time.After(patience):
			t.Fatalf("timed out after %v: got no delivery, want one", patience)
			return delivery{}
		}
	}
	former := n.run("webhook", "add", "desk", url, "--type", "login.failed", "--allow-private")
	first := deliver("first")
	if err := verify(t, former, first); err != nil {
		t.Errorf("a delivery is not verified: %v", err)
	}
	current := n.run("webhook", "rotate", "desk")
	if verify(t, current, first) == nil {
		t.Error("a delivery from before the rotation is verified by the new secret, want an error")
	}
	// The node reads the new secret within a second. From then on both secrets verify.
	var both delivery
	count := 0
	n.await("a delivery is signed by the new secret", func() bool {
		count++
		both = deliver(fmt.Sprint("rotated-", count))
		return verify(t, current, both) == nil
	})
	if err := verify(t, former, both); err != nil {
		t.Errorf("the former secret does not verify a delivery after the rotation: %v", err)
	}
	both.body[0] ^= 1
	if verify(t, current, both) == nil {
		t.Error("a changed body is verified, want an error")
	}
}
