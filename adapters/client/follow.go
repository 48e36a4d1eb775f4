package client

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"iter"
	"mime"
	"net/http"
	"strconv"
	"time"
)

// Record is one of the log, as the role may see it.
type Record struct {
	Seq  uint64
	JSON []byte // the whole of it, see docs/log-format.md
}

// Filter says which records.
type Filter struct {
	After  uint64 // those behind this one: the last that was dealt with
	Entity string // such as user/alice; "" for all
	Type   string // of the command or one of the events; "" for all
}

// Bounds of following.
const (
	recordMax   = 1 << 20          // bytes of one, as JSON
	silenceMax  = 45 * time.Second // three times as long as a node is silent
	problemRead = 64 << 10         // bytes of a refusal
)

// Follow yields the wanted records, each once and in order, as they come, until ctx
// ends or the node refuses (a *[Problem]); each time the connection is lost it
// begins a new one behind the last record, but the first must come about within
// [Options.Patience]. It pulls: who is slow slows nobody. Keep Seq with the effect of
// the record, and give it as After next time.
func (c *Client) Follow(ctx context.Context, f Filter) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
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
			if goOn && err == nil && !sleep(ctx, backoff(s.failed)) {
				err = ctx.Err()
			}
			if err != nil {
				yield(Record{}, fmt.Errorf("follow the records behind %d: %w", s.last, err))
				return
			}
		}
	}
}

// stream is following, over one connection after another.
type stream struct {
	client  *Client
	filter  Filter
	last    uint64 // record that was taken
	begun   time.Time
	reached bool // a node has answered
	failed  int  // connections since the last record
}

// lost judges a connection that did not come about.
func (s *stream) lost(err error) error {
	switch {
	case isDistrust(err):
		return err
	case !s.reached && time.Since(s.begun) > s.client.options.Patience:
		return fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	return nil
}

// connect reads one connection to its end. Its error is one that another would meet,
// too.
func (s *stream) connect(ctx context.Context, take func(Record) bool) error {
	c, f := s.client, s.filter
	s.failed++ // until it brings a record: one that ends at once is not made anew at once
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	watch := time.AfterFunc(silenceMax, cancel) // a node that is there says so
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
	case comeAgain(response.StatusCode):
		sleep(ctx, retryAfter(response.Header))
		return s.lost(fmt.Errorf("the node answers %d", response.StatusCode))
	case response.StatusCode != http.StatusOK:
		return refusal(response)
	case !isStream(response.Header):
		return fmt.Errorf("no stream of events: %w", ErrAnswer)
	}
	s.reached = true
	return read(response.Body, s.last, func() { watch.Reset(silenceMax) }, func(r Record) bool {
		s.last, s.failed = r.Seq, 0
		return take(r)
	})
}

// isStream reports whether the answer says that it is server-sent events. Any page
// could be read as a stream without a record in it.
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

// read takes the server-sent events of one connection. One that was cut off in its
// middle is not taken: it comes again.
func read(from io.Reader, last uint64, heard func(), take func(Record) bool) error {
	lines := bufio.NewScanner(from)
	lines.Buffer(make([]byte, 0, 64<<10), recordMax)
	lines.Split(wholeLines)
	var seq uint64
	var data []byte
	for lines.Scan() {
		heard()
		line := lines.Bytes()
		if id, ok := bytes.CutPrefix(line, []byte("id: ")); ok {
			n, err := strconv.ParseUint(string(id), 10, 63)
			if err != nil || n <= last {
				return fmt.Errorf("an event behind record %d: %w", last, ErrAnswer)
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
			return fmt.Errorf("an event without a number behind record %d: %w", last, ErrAnswer)
		}
		if !take(Record{seq, data}) {
			return nil
		}
		last, data = seq, nil
	}
	if lines.Err() == bufio.ErrTooLong {
		return fmt.Errorf("a line of more than %d bytes behind record %d: %w", recordMax, last, ErrAnswer)
	}
	return nil
}

// wholeLines splits into lines. What was cut off before its end is none: the front of
// a number is another number.
func wholeLines(data []byte, _ bool) (int, []byte, error) {
	return bufio.ScanLines(data, false)
}
