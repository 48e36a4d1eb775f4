package main

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// certificateLook is how often, at most, the files of the certificate are looked
// at: a renewed one is used within it, without a restart.
const certificateLook = time.Second

// certificate is the pair of files that a listener shows, read again when they
// change. It is safe for concurrent use.
type certificate struct {
	cert, key string // paths
	log       *slog.Logger

	mu      sync.Mutex
	looked  time.Time
	changed [2]time.Time // when the files did
	pair    *tls.Certificate
}

// newTLS makes the configuration of a listener. The files must be right at the
// start; one that is wrong later is said in the log, and the old one stays.
func newTLS(cert, key string, log *slog.Logger) (*tls.Config, error) {
	c := &certificate{cert: cert, key: key, log: log}
	if err := c.load(); err != nil {
		return nil, err
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.get}, nil
}

func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.looked) > certificateLook {
		if err := c.load(); err != nil {
			c.log.Error("the new certificate can't be used, the old one stays", "cause", err)
		}
	}
	return c.pair, nil
}

func (c *certificate) load() error {
	c.looked = time.Now()
	changed, err := c.times()
	if err != nil {
		return fmt.Errorf("look at the certificate: %w", err)
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
		info, err := os.Stat(path)
		if err != nil {
			return at, err
		}
		at[i] = info.ModTime()
	}
	return at, nil
}
