package client

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"iter"
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
// begins a new one behind the last record. It pulls: who is slow slows nobody.
// Keep Seq with the effect of the record, and give it as After next time.
func (c *Client) Follow(ctx context.Context, f Filter) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		last, goOn := f.After, true
		for n := 0; goOn; n++ {
			err := c.stream(ctx, f, last, func(r Record) bool {
				last, n = r.Seq, 0
				goOn = yield(r, nil)
				return goOn
			})
			if err == nil && goOn {
				err = ctx.Err()
			}
			if err != nil {
				yield(Record{}, fmt.Errorf("follow the records behind %d: %w", last, err))
				return
			}
			if goOn && !sleep(ctx, backoff(n)) {
				yield(Record{}, fmt.Errorf("follow the records behind %d: %w", last, ctx.Err()))
				return
			}
		}
	}
}

// stream reads one connection to its end. Its error is one that another connection
// would meet, too.
func (c *Client) stream(ctx context.Context, f Filter, last uint64, take func(Record) bool) error {
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
	request.Header.Set("Last-Event-ID", strconv.FormatUint(last, 10))
	response, err := c.http.Do(request)
	if err != nil {
		return nil
	}
	defer response.Body.Close() // only read from
	switch {
	case comeAgain(response.StatusCode):
		sleep(ctx, retryAfter(response.Header))
		return nil
	case response.StatusCode != http.StatusOK:
		return refusal(response)
	}
	return read(response.Body, last, func() { watch.Reset(silenceMax) }, take)
}

func refusal(r *http.Response) error {
	body, err := io.ReadAll(io.LimitReader(r.Body, problemRead))
	if err != nil {
		return nil
	}
	return (&answer{r.StatusCode, body}).problem()
}

// read takes the server-sent events of one connection. One that was cut off in its
// middle is not taken: it comes again.
func read(from io.Reader, last uint64, heard func(), take func(Record) bool) error {
	lines := bufio.NewScanner(from)
	lines.Buffer(make([]byte, 0, 64<<10), recordMax)
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
