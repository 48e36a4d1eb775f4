package client

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"mime"
	"net/http"
	"strconv"
	"time"
)

// Record is a record of the log, with the members that the role may see.
type Record struct {
	Seq  uint64
	JSON []byte // the whole record, see docs/log-format.md
}

// Filter selects records.
type Filter struct {
	After  uint64 // number of the last record that the caller has processed; 0 selects from the first record on
	Entity string // entity such as user/alice; "" for all
	Type   string // type of the command or of one of the events; "" for all

	// At (an instant) and AsOf (an instant or a record number) select the records up to a moment, as
	// the parameters at and asOf do; "" for all. [Client.Follow] rejects them.
	At, AsOf string
}

var errFollowMoment = errors.New("follow the records: a stream has no moment: omit At and AsOf")

// Bounds of following.
const (
	recordMax   = 1 << 20          // bytes of one record as JSON
	silenceMax  = 45 * time.Second // three times the interval of a node's keep-alive comments
	problemRead = 64 << 10         // bytes of a problem
)

// Follow yields the selected records, each once and in order, and continues with new
// records until ctx ends or the node rejects the request with a *[Problem]. After a lost
// connection it reconnects after the last record; the first connection must succeed within
// [Options.Patience]. A slow consumer does not delay other followers. The consumer stores
// Seq together with the effect of the record, and passes it as After the next time.
func (c *Client) Follow(ctx context.Context, f Filter) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		if f.At != "" || f.AsOf != "" {
			yield(Record{}, errFollowMoment)
			return
		}
		if c.nats != nil {
			c.followNATS(ctx, f, yield)
			return
		}
		s := stream{client: c, filter: f, last: f.After, begun: time.Now()}
		for goOn := true; goOn; {
			err := s.connect(ctx, func(r Record) bool {
				goOn = yield(r, nil)
				return goOn
			})
			if goOn && err == nil && !wait(ctx, backoff(s.failed)) {
				err = ctx.Err()
			}
			if err != nil {
				yield(Record{}, fmt.Errorf("follow the records after %d: %w", s.last, err))
				return
			}
		}
	}
}

// stream follows records over one connection after another.
type stream struct {
	client  *Client
	filter  Filter
	last    uint64 // number of the last yielded record
	begun   time.Time
	reached bool // a node has answered
	failed  int  // connections that the client opened since the last record
}

// lost returns nil if the client should try to connect again after err, and otherwise the
// error of the follower.
func (s *stream) lost(err error) error {
	switch {
	case isDistrust(err):
		return err
	case !s.reached && time.Since(s.begun) > s.client.options.Patience:
		return fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	return nil
}

// connect reads one connection to its end. It returns an error only if another connection
// would fail too.
func (s *stream) connect(ctx context.Context, take func(Record) bool) error {
	c, f := s.client, s.filter
	s.failed++ // each record resets failed, so that the backoff grows only while no record arrives
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	watch := time.AfterFunc(silenceMax, cancel) // a reachable node sends a keep-alive comment every 15 s
	defer watch.Stop()
	values := f.values()
	values.Set("follow", "true")
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base.JoinPath("/v1/records").String()+"?"+values.Encode(), nil)
	if err != nil {
		return err
	}
	c.sign(request)
	request.Header.Set("Last-Event-ID", strconv.FormatUint(s.last, 10))
	response, err := c.http.Do(request)
	if err != nil {
		return s.lost(err)
	}
	defer response.Body.Close() // only read from
	switch {
	case isRetryable(response.StatusCode):
		wait(ctx, retryAfter(response.Header))
		return s.lost(fmt.Errorf("the node answers %d", response.StatusCode))
	case response.StatusCode != http.StatusOK:
		return refusal(response)
	case !isStream(response.Header):
		return fmt.Errorf("no stream of server-sent events: %w", ErrAnswer)
	}
	s.reached = true
	return read(response.Body, s.last, func() { watch.Reset(silenceMax) }, func(r Record) bool {
		s.last, s.failed = r.Seq, 0
		return take(r)
	})
}

// isStream reports whether the answer has the media type of server-sent events. Without the
// check, any page would look like a stream without records.
func isStream(h http.Header) bool {
	kind, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	return err == nil && kind == "text/event-stream"
}

func refusal(r *http.Response) error {
	body, err := io.ReadAll(io.LimitReader(r.Body, problemRead))
	if err != nil {
		return nil
	}
	return (&answer{r.StatusCode, r.Header, body}).problem()
}

// read passes the server-sent events of one connection to take, and calls received for each
// line. It ignores an incomplete last event, which the next connection repeats.
func read(from io.Reader, last uint64, received func(), take func(Record) bool) error {
	lines := bufio.NewScanner(from)
	lines.Buffer(make([]byte, 0, 64<<10), recordMax)
	lines.Split(wholeLines)
	var seq uint64
	var data []byte
	for lines.Scan() {
		received()
		line := lines.Bytes()
		if id, ok := bytes.CutPrefix(line, []byte("id: ")); ok {
			n, err := strconv.ParseUint(string(id), 10, 63)
			if err != nil || n <= last {
				return fmt.Errorf("invalid event after record %d: %w", last, ErrAnswer)
			}
			seq = n
			continue
		}
		if text, ok := bytes.CutPrefix(line, []byte("data: ")); ok {
			data = bytes.Clone(text)
			continue
		}
		if len(line) > 0 || data == nil {
			continue
		}
		if seq <= last {
			return fmt.Errorf("event without an id after record %d: %w", last, ErrAnswer)
		}
		if !take(Record{seq, data}) {
			return nil
		}
		last, data = seq, nil
	}
	if lines.Err() == bufio.ErrTooLong {
		return fmt.Errorf("line of more than %d bytes after record %d: %w", recordMax, last, ErrAnswer)
	}
	return nil
}

// wholeLines splits the input into lines, and ignores an incomplete last line, because a
// truncated record number is a different record number.
func wholeLines(data []byte, _ bool) (int, []byte, error) {
	return bufio.ScanLines(data, false)
}
