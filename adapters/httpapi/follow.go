package httpapi

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"authledger/domain"
	"authledger/domain/access"
	"authledger/eventstore"
)

// Bounds of streams. Every answer to GET /v1/records counts as a stream until the server
// has written it.
const (
	streamsMax          = eventstore.FollowersMax - followersInNode // streams of the node that are open at the same time
	followersInNode     = 256                                       // followers for webhooks and for live events over NATS
	streamsPerCallerMax = 1536
	LocalStreamsMax     = 256 // streams at the local socket, of all users together
	keepAliveEvery      = 15 * time.Second
	flushEvery          = 5 * time.Millisecond // minimum time between two writes of a stream
	reconnectAfterMS    = 1000                 // pause before a client reconnects, in milliseconds
)

// openStream counts a stream of the caller, until the caller of openStream calls release.
func (s *Server) openStream(caller *access.Caller) (release func(), err error) {
	streams := s.streams
	if caller.Role == access.Local {
		streams = s.localStreams
	}
	release, ok := streams.tryAcquire(caller.Name)
	if !ok {
		return nil, &problem{status: http.StatusTooManyRequests, kind: tooManyRequests, retryAfter: retryDiskFull, detail: "too many open streams: close one, then retry"}
	}
	return release, nil
}

// follow sends records as server-sent events with the record number as the id, until the
// client disconnects, the node stops, or the token is revoked. It reads more records from
// the ledger only after it has written the previous ones, so that a client that stops
// reading delays no other client.
func (s *Server) follow(c *call, w *answer, r *http.Request, sp span) error {
	last, err := c.resumeAfter(r, &sp)
	if err != nil {
		return err
	}
	if last > 0 {
		sp.from = last + 1
	}
	release, err := s.openStream(c.caller)
	if err != nil {
		return err
	}
	defer release()
	follower, err := c.ledger.Follow(sp.from, sp.to, sp.filter)
	if err != nil {
		return err
	}
	defer follower.Close()
	s.options.Observe.Stream(1)
	defer s.options.Observe.Stream(-1)
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(s.draining, cancel)()
	defer s.live.add(c, cancel)()
	if !s.isStillAuthorized(c) { // the token was revoked before the stream could be ended
		return nil
	}
	w.Header().Set("Content-Type", "text/event-stream")
	out := &lines{to: http.NewResponseController(w), w: w, within: s.writeWithin}
	// The request was read completely. A read deadline would end the stream.
	if err := deadlineError(out.to.SetReadDeadline(time.Time{})); err != nil {
		return err
	}
	out.text = append(out.text, "retry: "+strconv.Itoa(reconnectAfterMS)+"\n\n"...)
	return s.writeEvents(ctx, c, follower, sp.limit, out)
}

// writeEvents writes the follower's records until the stream ends. A lost connection or a
// stopping node is no error: the client connects again with the id of its last record.
func (s *Server) writeEvents(ctx context.Context, c *call, follower *eventstore.Follower, limit int, out *lines) error {
	var flushed time.Time
	for written := 0; ; {
		if err := out.flush(); err != nil {
			return nil
		}
		records, err := s.nextOrKeepAlive(ctx, follower)
		switch {
		case !s.isStillAuthorized(c):
			return nil
		case errors.Is(err, context.DeadlineExceeded):
			out.text = append(out.text, ": at "+strconv.FormatUint(follower.Position(), 10)+"\n\n"...)
			continue
		case errors.Is(err, io.EOF):
			// A browser stores an id without data as the last event id, and delivers no
			// event. So the next request of the client gets 204 even if the filter excludes
			// the last record.
			out.text = append(out.text, "id: "+strconv.FormatUint(follower.Position(), 10)+"\n\n"...)
			return out.flush()
		case err != nil:
			return nil
		}
		if err := pause(ctx, flushEvery-time.Since(flushed)); err != nil {
			return nil
		}
		flushed = time.Now()
		for _, record := range records {
			if out.text, err = c.appendEvent(out.text, record); err != nil {
				return err
			}
			if written++; written == limit {
				return out.flush()
			}
		}
	}
}

// appendEvent appends a record as one event with the record number as the id.
func (c *call) appendEvent(b []byte, r *domain.Record) ([]byte, error) {
	b = append(b, "id: "...)
	b = strconv.AppendUint(b, r.Seq, 10)
	b, err := c.appendRecord(append(b, "\ndata: "...), r)
	return append(b, "\n\n"...), err
}

// pause waits for d, so that at high load one write contains the records of several
// commits.
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

// nextOrKeepAlive returns the next records. It returns context.DeadlineExceeded when the
// stream needs a keep-alive comment.
func (s *Server) nextOrKeepAlive(ctx context.Context, follower *eventstore.Follower) ([]*domain.Record, error) {
	waiting, cancel := context.WithTimeout(ctx, s.keepAlive)
	defer cancel()
	records, err := follower.Next(waiting)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return records, err
}
