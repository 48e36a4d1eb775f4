package node

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"authledger/eventstore/durable"
)

// certificateCheckInterval is the minimum time between two checks of the certificate files. A
// connection after this time uses a renewed certificate, without a restart.
const certificateCheckInterval = time.Second

// certificate is the certificate of a listener, reloaded when its files change. It is safe for
// concurrent use.
type certificate struct {
	cert, key string // paths
	log       *slog.Logger

	mu        sync.Mutex
	checkedAt time.Time
	changed   [2]time.Time // modification times of the files
	pair      *tls.Certificate
}

// NewTLS returns the TLS configuration of a listener. It returns an error if the files are
// invalid. If the files become invalid later, the listener logs an error and keeps the last
// valid certificate.
func NewTLS(cert, key string, log *slog.Logger) (*tls.Config, error) {
	c := &certificate{cert: cert, key: key, log: log}
	if err := c.load(); err != nil {
		return nil, err
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.get}, nil
}

func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.checkedAt) > certificateCheckInterval {
		if err := c.load(); err != nil {
			c.log.Error("the new certificate is invalid, the old one stays in use", "cause", err)
		}
	}
	return c.pair, nil
}

func (c *certificate) load() error {
	c.checkedAt = time.Now()
	changed, err := c.times()
	if err != nil {
		return fmt.Errorf("check the certificate: %w", err)
	}
	if c.pair != nil && changed == c.changed {
		return nil
	}
	pair, err := tls.LoadX509KeyPair(c.cert, c.key)
	if err != nil {
		return fmt.Errorf("read the certificate %s and its key %s: %w", c.cert, c.key, err)
	}
	if c.pair != nil {
		c.log.Info("a new certificate is in use", "expires", pair.Leaf.NotAfter)
	}
	c.pair, c.changed = &pair, changed
	return nil
}

func (c *certificate) times() (at [2]time.Time, err error) {
	for i, path := range []string{c.cert, c.key} {
		if err := durable.CheckRegular(path); err != nil {
			return at, err
		}
		info, err := os.Stat(path)
		if err != nil {
			return at, err
		}
		at[i] = info.ModTime()
	}
	return at, nil
}
