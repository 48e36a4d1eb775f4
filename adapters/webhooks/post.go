package webhooks

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"
)

// Limits of an attempt.
const (
	attemptTimeout   = 10 * time.Second
	dialTimeout      = 5 * time.Second
	responseBytesMax = 4 << 10  // read and discarded
	headerBytesMax   = 64 << 10 // proxies in front of an endpoint add headers
	idleTimeout      = 90 * time.Second
)

// outcome is the result of an attempt.
type outcome struct {
	accepted   bool
	status     int // 0 without a response
	cause      string
	retryAfter time.Duration
}

// newPost returns the function post, which sends a signed event to an endpoint, and the
// function end, which closes the idle connections. The function post follows no redirects
// and uses no proxy. It sends and signs the payload that show returns.
func newPost(to *Endpoint, by *signer, show func(payload []byte) []byte) (post func(context.Context, *Event, time.Time) outcome, end func()) {
	dialer := &net.Dialer{Timeout: dialTimeout}
	if !to.AllowPrivate {
		dialer.Control = allowAddress
	}
	client := &http.Client{
		Timeout:       attemptTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}, TLSHandshakeTimeout: dialTimeout,
			MaxIdleConns: 2, IdleConnTimeout: idleTimeout, MaxResponseHeaderBytes: headerBytesMax, ForceAttemptHTTP2: true,
		},
	}
	url := to.URL
	post = func(ctx context.Context, e *Event, at time.Time) outcome {
		payload, err := e.payload()
		if err != nil {
			return outcome{cause: "encode event: invalid value"}
		}
		payload = show(payload)
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(payload))
		if err != nil {
			return outcome{cause: "invalid URL"}
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("User-Agent", "authledger-webhooks")
		r.Header.Set("Webhook-Id", e.ID)
		r.Header.Set("Webhook-Timestamp", strconv.FormatInt(at.Unix(), 10))
		r.Header.Set("Webhook-Signature", by.header(e.ID, at, payload))
		response, err := client.Do(r)
		if err != nil {
			return outcome{cause: errorCause(err)}
		}
		defer response.Body.Close()                                  // an error of closing loses no data
		_, _ = io.CopyN(io.Discard, response.Body, responseBytesMax) // so that the connection can be reused
		return outcomeOf(response, at)
	}
	return post, client.CloseIdleConnections
}

// outcomeOf returns the outcome of a response that arrived at an instant.
func outcomeOf(response *http.Response, at time.Time) outcome {
	out := outcome{status: response.StatusCode}
	switch {
	case response.StatusCode >= 200 && response.StatusCode < 300:
		out.accepted = true
	case response.StatusCode == http.StatusGone:
		out.cause = "the endpoint no longer exists"
	case response.StatusCode >= 300 && response.StatusCode < 400:
		out.cause = "redirect not followed"
	default:
		out.cause = http.StatusText(response.StatusCode)
	}
	out.retryAfter = retryAfter(response.Header.Get("Retry-After"), at)
	return out
}

// retryAfter returns the pause that a Retry-After header requests, in seconds or up to a
// date. It returns 0 for an invalid value and at most a day.
func retryAfter(value string, at time.Time) time.Duration {
	if until, err := http.ParseTime(value); err == nil {
		return min(max(until.Sub(at), 0), retryAfterMax)
	}
	seconds, err := strconv.Atoi(value)
	if err != nil {
		return 0
	}
	return time.Duration(min(max(seconds, 0), int(retryAfterMax/time.Second))) * time.Second
}

// errorCause returns a fixed text for the class of an error. The journal must not store the
// text of the error, because it contains network addresses.
func errorCause(err error) string {
	var (
		timeout     net.Error
		certificate *tls.CertificateVerificationError
		name        *net.DNSError
		connection  *net.OpError
	)
	switch {
	case errors.Is(err, errPrivate):
		return errPrivate.Error()
	case errors.As(err, &certificate):
		return "TLS certificate not trusted"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "timed out"
	case errors.As(err, &name):
		return "host name not found"
	case errors.As(err, &connection) && connection.Op == "dial":
		return "connection failed"
	}
	return "invalid response: no HTTP, no TLS, incomplete, or more than 64 KiB of headers"
}
