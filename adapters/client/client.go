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

// Options says which node, and who asks.
type Options struct {
	URL    string // of the node: https://ledger.example, or http:// on this machine; or of its NATS server, tls:// or nats://
	Token  string // as `authledger token add` has shown it; over HTTP
	NATS   NATS   // who asks; over NATS
	Source string // the token's source; for [Client.Batch] only, whose events name it

	// Patience is how long a command is sent again before its outcome is given up
	// as unknown; 0 for [DefaultPatience]. A context may end sooner.
	Patience time.Duration

	// AllowPlaintext lets the token travel without TLS.
	AllowPlaintext bool

	// Transport makes the requests over HTTP; nil for one like http.DefaultTransport
	// with as many idle connections as a busy gateway needs.
	Transport http.RoundTripper
}

// DefaultPatience outlasts the restart of a node.
const DefaultPatience = time.Minute

// idleConnections are kept to the node: one for each request at once of a busy gateway.
const idleConnections = 256

// Client asks one node. It is safe for concurrent use.
type Client struct {
	base    url.URL
	options Options
	http    http.Client
	nats    *natsTransport // nil over HTTP
}

// New makes a client. The error says what is wrong with the options; the node is
// not asked yet, and need not be there: over NATS it is connected to from now on.
func New(o Options) (*Client, error) {
	base, err := url.Parse(o.URL)
	switch {
	case err != nil:
		return nil, errors.New("client: the URL can't be read") // what it holds may be secret
	case !slices.Contains(schemes, base.Scheme), base.Host == "", base.User != nil, base.RawQuery != "":
		return nil, errors.New("client: want a URL like https://ledger.example")
	case (base.Scheme == "http" || base.Scheme == "nats") && !o.AllowPlaintext && !loopback(base.Hostname()):
		return nil, fmt.Errorf("client: %s is reached in plain text: use https or tls, or AllowPlaintext", base.Host)
	}
	if o.Patience == 0 {
		o.Patience = DefaultPatience
	}
	c := &Client{base: *base, options: o}
	if base.Scheme == "nats" || base.Scheme == "tls" {
		if c.nats, err = newNATSTransport(&o); err != nil {
			return nil, err
		}
		c.base = url.URL{Scheme: "http", Host: "nats"} // a path is all that is read of it
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

// Close lets the connections go. Over NATS it ends what is still asked and followed.
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
