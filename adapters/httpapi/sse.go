package httpapi

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"sync"
	"time"

	"authledger/domain"
	"authledger/eventstore"
)

// Bounds of following.
const (
	streamsMax       = eventstore.FollowersMax - othersMax // at once
	othersMax        = 256                                 // that follow within the node: webhooks, the feed over NATS
	streamsOfOneMax  = 1536                                // of one credential
	keepAliveEvery   = 15 * time.Second
	flushEvery       = 5 * time.Millisecond // at most so often
	reconnectAfterMS = 1000
)

// streams counts the long answers under way.
type streams struct {
	mu   sync.Mutex
	all  int
	open map[string]int // by credential
}

// begin takes a place, until done.
func (t *streams) begin(caller string) (done func(), err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.all >= streamsMax || t.open[caller] >= streamsOfOneMax {
		return nil, &problem{status: http.StatusTooManyRequests, kind: tooManyRequests, retryAfter: retryDiskFull, detail: "too many streams are open: close one"}
	}
	t.all++
	t.open[caller]++
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.all--
		if t.open[caller]--; t.open[caller] == 0 {
			delete(t.open, caller)
		}
	}, nil
}

// follow tells records as server-sent events, id = seq, until the client goes, the
// node stops, or the token is revoked. It asks the feed for more only when the
// last were written: a client that stops reading holds up nobody.
func (s *Server) follow(c *call, w *answer, r *http.Request, sp span) error {
	if id := r.Header.Get("Last-Event-ID"); id != "" {
		last, err := position("Last-Event-ID", id)
		if err != nil {
			return err
		}
		sp.from = last + 1
	}
	done, err := s.streams.begin(c.caller.Name)
	if err != nil {
		return err
	}
	defer done()
	feed, err := c.ledger.Follow(sp.from, sp.to, sp.filter)
	if err != nil {
		return err
	}
	defer feed.Close()
	s.options.Observe.Stream(1)
	defer s.options.Observe.Stream(-1)
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(s.draining, cancel)()
	w.Header().Set("Content-Type", "text/event-stream")
	out := &lines{to: http.NewResponseController(w), w: w, within: s.writeWithin}
	// The whole request is read; a deadline for it that stood would end the stream.
	if err := out.to.SetReadDeadline(time.Time{}); err != nil {
		return err
	}
	out.text = append(out.text, "retry: "+strconv.Itoa(reconnectAfterMS)+"\n\n"...)
	return s.pour(ctx, c, feed, sp.limit, out)
}

// pour writes what the feed gives, until something ends it. How a stream ends is
// no error: its reader comes back with the last id.
func (s *Server) pour(ctx context.Context, c *call, feed *eventstore.Follower, limit int, out *lines) error {
	var sent time.Time
	for told := 0; ; {
		if err := out.flush(); err != nil {
			return nil
		}
		records, err := s.nextOrKeepAlive(ctx, feed)
		switch {
		case !s.stillAdmitted(c):
			return nil
		case errors.Is(err, context.DeadlineExceeded):
			out.text = append(out.text, ": at "+strconv.FormatUint(feed.Position(), 10)+"\n\n"...)
			continue
		case err != nil:
			return nil
		}
		if err := pause(ctx, flushEvery-time.Since(sent)); err != nil {
			return nil
		}
		sent = time.Now()
		for _, record := range records {
			if out.text, err = c.appendEvent(out.text, record); err != nil {
				return err
			}
			if told++; told == limit {
				return out.flush()
			}
		}
	}
}

// appendEvent appends a record as one event, its number as the id.
func (c *call) appendEvent(b []byte, r *domain.Record) ([]byte, error) {
	b = append(b, "id: "...)
	b = strconv.AppendUint(b, r.Seq, 10)
	b, err := c.appendRecord(append(b, "\ndata: "...), r)
	return append(b, "\n\n"...), err
}

// pause lets what is recorded at high load leave together.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Server) nextOrKeepAlive(ctx context.Context, feed *eventstore.Follower) ([]*domain.Record, error) {
	waiting, cancel := context.WithTimeout(ctx, s.keepAlive)
	defer cancel()
	records, err := feed.Next(waiting)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return records, err
}

// flush writes what has come together, and sends it.
func (l *lines) flush() error {
	if err := l.writeIf(0); err != nil {
		return err
	}
	return l.to.Flush()
}
