package client

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
)

// Bounds of asking.
const (
	onceWithin  = 25 * time.Second // a little more than a node takes to say "unknown"
	waitFirst   = 20 * time.Millisecond
	waitMax     = 5 * time.Second
	waitTold    = 30 * time.Second // at most, of a Retry-After
	verdictMax  = 1 << 20          // bytes of one verdict
	verdictsMax = 128 << 20        // bytes of a batch's
)

// errNoEnd: half an answer can look like a whole one.
var errNoEnd = errors.New("the answer says neither how long it is nor where it ends, so it may be cut off: is there a proxy between that takes the length away?")

// question is a request that can be made any number of times.
type question struct {
	method, path     string
	values           url.Values
	contentType, key string
	body             []byte
	most             int64 // bytes of the answer
}

func (q *question) unanswered() error {
	if q.method == http.MethodGet {
		return errNoAnswer
	}
	return ErrUnknown
}

// answer is what came back for good.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// send asks until there is an answer that will not change: what got none, or was
// told to come again, is sent again as it was.
func (c *Client) send(ctx context.Context, q *question) (*answer, error) {
	ctx, cancel := context.WithTimeout(ctx, c.options.Patience)
	defer cancel()
	var why error // of the last try that was not cut short
	for n := 0; ; n++ {
		a, told, err := c.once(ctx, q)
		if a != nil {
			return a, nil
		}
		if why == nil || ctx.Err() == nil {
			why = err
		}
		if isDistrust(err) || errors.Is(err, errNoSubject) {
			return nil, err // nothing was sent, nor will be
		}
		if errors.Is(err, nats.ErrConnectionClosed) || !sleep(ctx, max(told, backoff(n))) {
			return nil, fmt.Errorf("%w: %w", q.unanswered(), why)
		}
	}
}

// isDistrust reports whether the certificate is one that nobody vouches for, which
// another try would not change.
func isDistrust(err error) bool {
	distrusted := (*tls.CertificateVerificationError)(nil)
	return errors.As(err, &distrusted)
}

// once asks one time. No answer that counts is an error, with how long the node
// wants to be left alone.
func (c *Client) once(ctx context.Context, q *question) (a *answer, told time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, onceWithin)
	defer cancel()
	to := c.base.JoinPath(q.path)
	to.RawQuery = q.values.Encode()
	request, err := http.NewRequestWithContext(ctx, q.method, to.String(), bytes.NewReader(q.body))
	if err != nil {
		return nil, 0, err
	}
	c.sign(request)
	request.Header.Set("Accept-Encoding", "identity") // what is unpacked on its way has lost its length
	if q.contentType != "" {
		request.Header.Set("Content-Type", q.contentType)
	}
	if q.key != "" {
		request.Header.Set("Idempotency-Key", q.key)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, 0, err
	}
	defer response.Body.Close() // only read from
	if comeAgain(response.StatusCode) {
		body, _ := io.ReadAll(io.LimitReader(response.Body, verdictMax)) // all, so that the connection is used again
		return nil, retryAfter(response.Header), (&answer{status: response.StatusCode, body: body}).comeAgain()
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, q.most+1))
	if err != nil {
		return nil, 0, err
	}
	if hasNoEnd(response) {
		return nil, 0, errNoEnd
	}
	if int64(len(body)) > q.most {
		return nil, 0, fmt.Errorf("more than %d bytes: %w", q.most, ErrAnswer)
	}
	return &answer{response.StatusCode, response.Header, body}, 0, nil
}

// hasNoEnd reports whether an answer went on until the connection ended, which may have
// been a cut: a node never answers so.
func hasNoEnd(r *http.Response) bool {
	return r.Close && r.ContentLength < 0 && len(r.TransferEncoding) == 0
}

func (c *Client) sign(r *http.Request) {
	if c.options.Token != "" {
		r.Header.Set("Authorization", "Bearer "+c.options.Token)
	}
}

// comeAgain: a request that was cut off or came too slowly, too many of them, and
// whatever went wrong in the node or before it.
func comeAgain(status int) bool {
	return status == http.StatusRequestTimeout || status == http.StatusTooManyRequests || status >= http.StatusInternalServerError
}

func retryAfter(h http.Header) time.Duration {
	seconds, err := strconv.Atoi(h.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0
	}
	return min(time.Duration(min(seconds, 1<<20))*time.Second, waitTold)
}

// backoff is how long to wait after so many tries: twice as long each time, and
// never quite as long as others do.
func backoff(n int) time.Duration {
	most := min(waitFirst<<min(n, 20), waitMax)
	return most/2 + rand.N(most/2)
}

// sleep reports false if ctx ends before.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
