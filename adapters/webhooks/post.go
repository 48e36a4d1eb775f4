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

// Bounds of an attempt.
const (
	attemptWithin  = 10 * time.Second
	dialWithin     = 5 * time.Second
	answerBytesMax = 4 << 10  // read, and thrown away
	headerBytesMax = 64 << 10 // proxies in front of an endpoint add much
	idleMax        = 90 * time.Second
)

// outcome is what came of an attempt.
type outcome struct {
	taken      bool
	status     int // 0 without an answer
	wrong      string
	retryAfter time.Duration
}

// newPost makes what posts an event to an endpoint, signed, and what ends the
// connections that it leaves. It follows no redirect and uses no proxy.
func newPost(to *Endpoint, by *signer) (post func(context.Context, *Event, time.Time) outcome, end func()) {
	dialer := &net.Dialer{Timeout: dialWithin}
	if !to.AllowPrivate {
		dialer.Control = open
	}
	client := &http.Client{
		Timeout:       attemptWithin,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}, TLSHandshakeTimeout: dialWithin,
			MaxIdleConns: 2, IdleConnTimeout: idleMax, MaxResponseHeaderBytes: headerBytesMax, ForceAttemptHTTP2: true,
		},
	}
	url := to.URL
	post = func(ctx context.Context, e *Event, at time.Time) outcome {
		payload, err := e.payload()
		if err != nil {
			return outcome{wrong: "the event can't be written"}
		}
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(payload))
		if err != nil {
			return outcome{wrong: "the URL can't be asked"}
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("User-Agent", "authledger-webhooks")
		r.Header.Set("Webhook-Id", e.ID)
		r.Header.Set("Webhook-Timestamp", strconv.FormatInt(at.Unix(), 10))
		r.Header.Set("Webhook-Signature", by.header(e.ID, at, payload))
		answer, err := client.Do(r)
		if err != nil {
			return outcome{wrong: class(err)}
		}
		defer answer.Body.Close()                                // only read from
		_, _ = io.CopyN(io.Discard, answer.Body, answerBytesMax) // so that the connection is used again
		return judged(answer, at)
	}
	return post, client.CloseIdleConnections
}

func judged(answer *http.Response, at time.Time) outcome {
	out := outcome{status: answer.StatusCode}
	switch {
	case answer.StatusCode >= 200 && answer.StatusCode < 300:
		out.taken = true
	case answer.StatusCode == http.StatusGone:
		out.wrong = "the endpoint is gone"
	case answer.StatusCode >= 300 && answer.StatusCode < 400:
		out.wrong = "a redirect, which is not followed"
	default:
		out.wrong = http.StatusText(answer.StatusCode)
	}
	out.retryAfter = retryAfter(answer.Header.Get("Retry-After"), at)
	return out
}

// retryAfter is how long an endpoint asks to be left alone: seconds, or until a date.
func retryAfter(said string, at time.Time) time.Duration {
	if until, err := http.ParseTime(said); err == nil {
		return min(max(until.Sub(at), 0), retryAfterMax)
	}
	seconds, err := strconv.Atoi(said)
	if err != nil {
		return 0
	}
	return time.Duration(min(max(seconds, 0), int(retryAfterMax/time.Second))) * time.Second
}

// class tells errors apart without repeating what they say of the network.
func class(err error) string {
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
		return "the certificate is not trusted"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "no answer in time"
	case errors.As(err, &name):
		return "the host's name is not known"
	case errors.As(err, &connection) && connection.Op == "dial":
		return "no connection"
	}
	return "no whole answer: not of HTTP, not over TLS, or with more than 64 KiB of headers"
}
