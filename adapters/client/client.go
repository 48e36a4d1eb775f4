package client

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// Options configures a [Client].
type Options struct {
	URL    string // node (https://, http:// on this machine) or NATS server (tls://, nats://); required
	Token  string // token that `authledger token add` printed; required over HTTP
	NATS   NATS   // name and key of the caller; required over NATS
	Source string // source of the token; required for [Client.Batch] only

	// Patience is the maximum time for which the client retries a request, after which the
	// outcome is [ErrUnknown]. 0 means [DefaultPatience]. A context that ends earlier ends
	// the retries.
	Patience time.Duration

	// Retrying, if not nil, receives each attempt that failed, before the client waits for the
	// next attempt. Only [Client.Task] and the requests over HTTP call it, on the goroutine of
	// the request.
	Retrying func(Retry)

	// AllowPlaintext permits the client to send the token without TLS.
	AllowPlaintext bool

	// Transport sends the requests over HTTP. Nil means a copy of http.DefaultTransport
	// with 256 idle connections to the node.
	Transport http.RoundTripper
}

// DefaultPatience is the default of [Options.Patience]. A node usually restarts in less time.
const DefaultPatience = time.Minute

// Retry describes an attempt that failed and that the client repeats.
type Retry struct {
	Cause error         // of the failure
	Wait  time.Duration // until the next attempt
	Until time.Time     // the end of [Options.Patience], or of the context if that is earlier
}

// idleConnections is the maximum number of idle connections to the node.
const idleConnections = 256

// Client sends requests to one node. It is safe for concurrent use.
type Client struct {
	base    url.URL
	options Options
	http    http.Client
	nats    *natsTransport // nil over HTTP
}

// New returns a client. The error names an invalid option. New sends no request; over NATS
// it starts to connect in the background, and the server need not be reachable yet.
func New(o Options) (*Client, error) {
	base, err := url.Parse(o.URL)
	switch {
	case err != nil:
		return nil, errors.New("client: invalid URL") // the URL may hold a secret
	case !slices.Contains(schemes, base.Scheme), base.Host == "", base.User != nil, base.RawQuery != "":
		return nil, errors.New("client: invalid URL, want one like https://ledger.example")
	case (base.Scheme == "http" || base.Scheme == "nats") && !o.AllowPlaintext && !loopback(base.Hostname()):
		return nil, fmt.Errorf("client: %s: %w", base.Host, ErrPlaintext)
	}
	if o.Patience == 0 {
		o.Patience = DefaultPatience
	}
	c := &Client{base: *base, options: o}
	if base.Scheme == "nats" || base.Scheme == "tls" {
		if c.nats, err = newNATSTransport(&o); err != nil {
			return nil, err
		}
		c.base = url.URL{Scheme: "http", Host: "nats"} // the transport over NATS reads the path only
		o.Transport = c.nats
	}
	if o.Transport == nil {
		transport := http.DefaultTransport.(*http.Transport).Clone()
		transport.MaxIdleConnsPerHost = idleConnections
		o.Transport = transport
	}
	c.http = http.Client{
		Transport:     o.Transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return c, nil
}

var schemes = []string{"http", "https", "nats", "tls"}

// Close closes the idle HTTP connections, or the NATS connection. The end of the NATS
// connection ends all requests and followers.
func (c *Client) Close() {
	c.http.CloseIdleConnections()
	if c.nats != nil {
		c.nats.conn.Close()
	}
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}
