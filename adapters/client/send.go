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

	"authledger/eventstore/wire"
)

// Bounds of requests.
const (
	onceWithin  = 25 * time.Second      // limit of one attempt; a node reports an unknown outcome after 20 s
	waitFirst   = 20 * time.Millisecond // maximum wait after the first attempt
	waitMax     = 5 * time.Second       // maximum wait after any attempt without a Retry-After
	waitMaxNode = 30 * time.Second      // maximum wait that a Retry-After can set
	verdictMax  = 1 << 20               // bytes of a verdict
	verdictsMax = 128 << 20             // bytes of the verdicts of a batch
)

// errNoEnd is the error for an answer without a length and an end mark. The client can't
// distinguish a part of such an answer from the whole.
var errNoEnd = errors.New("the answer has neither a length nor an end mark, so it may be incomplete: check for a proxy that removes the length")

// question is an idempotent request, which the client may send any number of times.
type question struct {
	method, path     string
	values           url.Values
	contentType, key string
	body             []byte
	most             int64 // maximum bytes of the answer

	source   string // of the command of a local client, "" for that of the caller
	backfill bool   // the command of a local client records the past
}

func (q *question) unanswered() error {
	if q.method == http.MethodGet {
		return errNoAnswer
	}
	return ErrUnknown
}

// answer is an answer that a retry would not change.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// send sends the request until it gets an answer that a retry would not change, or until
// the time of [Options.Patience] has passed.
func (c *Client) send(ctx context.Context, q *question) (*answer, error) {
	ctx, cancel := context.WithTimeout(ctx, c.options.Patience)
	defer cancel()
	var cause error // the error of the last attempt that failed before ctx ended
	for n := 0; ; n++ {
		a, delay, err := c.once(ctx, q)
		if a != nil {
			return a, nil
		}
		if cause == nil || ctx.Err() == nil {
			cause = err
		}
		if isDistrust(err) || errors.Is(err, errNoSubject) {
			return nil, err // no attempt can succeed
		}
		if errors.Is(err, nats.ErrConnectionClosed) || !c.waitForRetry(ctx, n, delay, cause) {
			return nil, fmt.Errorf("%w: %w", q.unanswered(), cause)
		}
	}
}

// waitForRetry waits after attempt n, at least for delay. It returns false if ctx, which has a
// deadline, ends first.
func (c *Client) waitForRetry(ctx context.Context, n int, delay time.Duration, cause error) bool {
	delay = max(delay, backoff(n))
	if until, _ := ctx.Deadline(); c.options.Retrying != nil && ctx.Err() == nil {
		c.options.Retrying(Retry{Cause: cause, Wait: delay, Until: until})
	}
	return wait(ctx, delay)
}

// isDistrust reports whether the client does not trust the certificate of the server, which
// a retry would not change.
func isDistrust(err error) bool {
	distrusted := (*tls.CertificateVerificationError)(nil)
	return errors.As(err, &distrusted)
}

// once sends the request one time. For an answer that a retry may change, once returns an
// error, and the delay that the Retry-After of the answer sets.
func (c *Client) once(ctx context.Context, q *question) (a *answer, delay time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, onceWithin)
	defer cancel()
	to := c.base.JoinPath(q.path)
	to.RawQuery = q.values.Encode()
	request, err := http.NewRequestWithContext(ctx, q.method, to.String(), bytes.NewReader(q.body))
	if err != nil {
		return nil, 0, err
	}
	c.sign(request)
	request.Header.Set("Accept-Encoding", "identity") // because http.Transport removes the Content-Length of an answer that it decompresses
	if q.contentType != "" {
		request.Header.Set("Content-Type", q.contentType)
	}
	if q.key != "" {
		request.Header.Set("Idempotency-Key", wire.QuoteKey(q.key))
	}
	if q.source != "" {
		request.Header.Set("Ce-Source", wire.EncodeAttribute(q.source))
	}
	if q.backfill {
		request.Header.Set("Backfill", "true")
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, 0, err
	}
	defer response.Body.Close() // only read from
	if isRetryable(response.StatusCode) {
		body, _ := io.ReadAll(io.LimitReader(response.Body, verdictMax)) // read completely, so that the connection can be reused
		return nil, retryAfter(response.Header), (&answer{status: response.StatusCode, body: body}).retryError()
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

// hasNoEnd reports whether the end of the connection is the only end of the answer, so that
// a broken connection can't be detected. A node never sends such an answer.
func hasNoEnd(r *http.Response) bool {
	return r.Close && r.ContentLength < 0 && len(r.TransferEncoding) == 0
}

func (c *Client) sign(r *http.Request) {
	if c.options.Token != "" {
		r.Header.Set("Authorization", "Bearer "+c.options.Token)
	}
}

// isRetryable reports whether a retry may get another answer: after an incomplete request,
// too many requests, or an error in the node or in a proxy.
func isRetryable(status int) bool {
	return status == http.StatusRequestTimeout || status == http.StatusTooManyRequests || status >= http.StatusInternalServerError
}

func retryAfter(h http.Header) time.Duration {
	seconds, err := strconv.Atoi(h.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0
	}
	return min(time.Duration(min(seconds, 1<<20))*time.Second, waitMaxNode)
}

// backoff returns the wait after n attempts. The maximum wait doubles with each attempt up
// to waitMax. Half of the wait is random, so that clients do not retry at the same time.
func backoff(n int) time.Duration {
	most := min(waitFirst<<min(n, 20), waitMax)
	return most/2 + rand.N(most/2)
}

// wait waits for d. It returns false if ctx ends first.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
