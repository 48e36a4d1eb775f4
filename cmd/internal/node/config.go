package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"authledger/adapters/tokens"
	"authledger/domain"
	"authledger/eventstore"
	"authledger/projections"
)

// CallersName is the file in a data directory with the callers that have a NATS key, for a
// separate NATS server.
const CallersName = "callers.json"

// config applies the config.* records of a node to the table of tokens and to the webhooks.
type config struct {
	rows  *projections.Engine
	table *tokens.Table
	// revoked is called with the name of each revoked token, after the table has changed. It
	// MUST NOT block.
	revoked func(name string)

	webhooks chan struct{} // has an element after a webhook has changed
	callers  *callersWriter
}

func newConfig(d *Directory, revoked func(name string)) (*config, error) {
	c := &config{rows: d.Rows, table: d.Options.Tokens, revoked: revoked, webhooks: make(chan struct{}, 1)}
	if err := c.load(); err != nil {
		return nil, err
	}
	c.callers = startCallersWriter(filepath.Join(d.Options.Dir, CallersName), c.table, d.Options.Log)
	return c, nil
}

// load sets the entries of the table from the rows. The rows may lack the newest commits, which
// the ledger folds when it opens.
func (c *config) load() error {
	v, err := c.rows.View(context.Background())
	if err != nil {
		return fmt.Errorf("read the tokens: %w", err)
	}
	defer v.Close()
	for it := range v.RealmItems(domain.TokenItem, "") {
		if err := c.table.Put(it.(*domain.Token)); err != nil {
			return err
		}
	}
	if err := v.Err(); err != nil {
		return fmt.Errorf("read the tokens: %w", err)
	}
	return nil
}

// configuredRows are rows whose Fold also applies the config.* records of the commit. The ledger
// returns a verdict after Fold has returned, so a revoked token admits no caller after its verdict.
type configuredRows struct {
	*projections.Engine
	config *config
}

// The ledger finds the records of one entity in the timeline rows, and does not read the whole log.
var _ eventstore.EntityIndex = configuredRows{}

// Fold folds a commit into the rows, and applies its configuration.
func (s configuredRows) Fold(commit *domain.Commit) error {
	if err := s.Engine.Fold(commit); err != nil {
		return err
	}
	for i := range commit.Records {
		if err := s.config.apply(&commit.Records[i]); err != nil {
			return fmt.Errorf("apply the configuration of record %d: %w", commit.Records[i].Seq, err)
		}
	}
	return nil
}

func (c *config) apply(r *domain.Record) error {
	if r.Status != domain.Accepted {
		return nil
	}
	switch data := r.Command.Data.(type) {
	case *domain.ConfigTokenAdd:
		return c.setToken(data.Name)
	case *domain.ConfigTokenRevoke:
		return c.setToken(data.Name)
	case *domain.ConfigWebhookAdd, *domain.ConfigWebhookRotate, *domain.ConfigWebhookRemove:
		notify(c.webhooks)
	}
	return nil
}

// setToken makes the entry of a token equal to its row.
func (c *config) setToken(name string) error {
	it, err := c.rows.Item(domain.TokenKey(name))
	if err != nil {
		return err
	}
	if token, ok := it.(*domain.Token); ok {
		err = c.table.Put(token)
	} else {
		c.table.Remove(name)
		c.revoked(name)
	}
	notify(c.callers.changed)
	return err
}

func notify(changed chan struct{}) {
	select {
	case changed <- struct{}{}:
	default: // the receiver has not yet handled the previous change, and will read this one, too
	}
}

// callersWriter writes the file of NATS callers after each change of the tokens.
type callersWriter struct {
	path    string
	table   *tokens.Table
	log     *slog.Logger
	changed chan struct{} // has an element after a token has changed
	stop    chan struct{}
	done    chan struct{}
}

// callersRetry is the pause after a failed write of the file of NATS callers.
const callersRetry = time.Second

func startCallersWriter(path string, table *tokens.Table, log *slog.Logger) *callersWriter {
	w := &callersWriter{
		path: path, table: table, log: log, changed: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{}),
	}
	w.changed <- struct{}{} // a crash can have prevented the write of the last change
	go w.run()
	return w
}

func (w *callersWriter) run() {
	defer close(w.done)
	for {
		select {
		case <-w.changed:
			if err := w.write(); err != nil {
				w.log.Error("the file of NATS callers can't be written: a separate NATS server admits the former callers", "cause", err)
				select {
				case <-time.After(callersRetry):
					notify(w.changed)
				case <-w.stop:
				}
			}
		case <-w.stop:
			return
		}
	}
}

// write replaces the file. A ledger that never had a caller with a NATS key has no file.
func (w *callersWriter) write() error {
	all := w.table.NATSCallers()
	if _, err := os.Stat(w.path); len(all) == 0 && errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return tokens.WriteCallers(w.path, all)
}

// close writes the last change and ends the goroutine.
func (w *callersWriter) close() error {
	close(w.stop)
	<-w.done
	select {
	case <-w.changed:
		return w.write()
	default:
		return nil
	}
}
