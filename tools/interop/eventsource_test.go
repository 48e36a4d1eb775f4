package interop

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tmaxmax/go-sse"
)

// eventBytesMax is the buffer of a reader, in bytes. The library's default of 64 KiB is
// too small for an event of a record of 64 KiB.
const eventBytesMax = 512 << 10

// stream is a connection of the library with the ids that the connection received.
type stream struct {
	connection *sse.Connection

	mu       sync.Mutex
	ids      []string // of events with data
	requests []string // value of Last-Event-ID, by request
}

// RoundTrip records the request that the library sends.
func (s *stream) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	s.requests = append(s.requests, r.Header.Get("Last-Event-ID"))
	s.mu.Unlock()
	return http.DefaultTransport.RoundTrip(r)
}

func (s *stream) received() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.ids)
}

func (s *stream) sent() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// newStream returns a connection to the records of a node.
func (n *node) newStream(ctx context.Context, token, query string) *stream {
	n.t.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, n.url("/v1/records?"+query), http.NoBody)
	if err != nil {
		n.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	s := &stream{}
	client := &sse.Client{HTTPClient: &http.Client{Transport: s},
		Backoff: sse.Backoff{InitialInterval: 50 * time.Millisecond, MaxInterval: time.Second}}
	s.connection = client.NewConnection(request)
	s.connection.Buffer(nil, eventBytesMax)
	s.connection.SubscribeMessages(func(e sse.Event) {
		if e.Data == "" { // the library also passes on blocks that only set an id or the delay
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.ids = append(s.ids, e.LastEventID)
	})
	return s
}

func TestEventSourceStopsAtFinishedStream(t *testing.T) {
	n := startNode(t)
	token, auditor := n.token("portal", "gateway"), n.token("audit", "auditor")
	for i := range 5 {
		n.report(token, fmt.Sprint("e-", i), "alice")
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for _, test := range []struct {
		query string
		ids   []string
		last  string
	}{
		{"follow=true&to=5", []string{"1", "2", "3", "4", "5"}, "5"},
		{"follow=true&from=2&to=4", []string{"2", "3", "4"}, "4"},
		{"follow=true&to=5&type=policy.adopt", nil, "5"}, // the filter excludes every record
	} {
		s := n.newStream(ctx, auditor, test.query)
		if err := s.connection.Connect(); err == nil || !strings.Contains(err.Error(), "204") {
			t.Errorf("%s: the connection ended with %v, want the answer 204", test.query, err)
		}
		if got := s.received(); !slices.Equal(got, test.ids) {
			t.Errorf("%s: got events %v, want %v", test.query, got, test.ids)
		}
		if got, want := s.sent(), []string{"", test.last}; !slices.Equal(got, want) {
			t.Errorf("%s: got requests with Last-Event-ID %q, want %q", test.query, got, want)
		}
	}
}

func TestEventSourceResumesAfterRestart(t *testing.T) {
	n := startNode(t)
	token, auditor := n.token("portal", "gateway"), n.token("audit", "auditor")
	ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
	defer cancel()
	s := n.newStream(ctx, auditor, "follow=true&type=login.report")
	ended := make(chan error, 1)
	go func() { ended <- s.connection.Connect() }()
	var recorded, resumed []string
	for i := range 9 {
		recorded = append(recorded, fmt.Sprint(n.report(token, fmt.Sprint("e-", i), fmt.Sprint("user", i))))
		if i%3 == 2 {
			n.await("the stream delivers what was recorded", func() bool { return len(s.received()) >= len(recorded) })
		}
		if i == 2 || i == 5 {
			n.stop()
			n.start()
			resumed = append(resumed, recorded[i])
		}
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the connection ended with %v, want that the test ended it", err)
	}
	if got := s.received(); !slices.Equal(got, recorded) {
		t.Errorf("got events %v, want %v, each once and in order", got, recorded)
	}
	for _, id := range resumed {
		if got := s.sent(); !slices.Contains(got, id) {
			t.Errorf("got requests with Last-Event-ID %q, want %s among them", got, id)
		}
	}
}
