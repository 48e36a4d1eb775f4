package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"authledger/adapters/client"
	"authledger/adapters/httpapi"
	"authledger/adapters/intake"
	"authledger/cmd/internal/node"
	"authledger/domain"
	"authledger/domain/operations"
	"authledger/eventstore"
	"authledger/eventstore/wire"
)

// deadLetters gives access to the dead letters of this process's ledger, or of a running
// node. Retry returns the verdict as JSON.
type deadLetters interface {
	List(ctx context.Context, v operations.Values) (intake.DeadLetterPage, error) // of the operation dead-letters
	Show(ctx context.Context, position uint64) (*intake.DeadLetter, error)
	Retry(ctx context.Context, position uint64) (verdict []byte, isInvalid bool, err error)
	Drop(ctx context.Context, position uint64) error
}

// withDeadLetters calls use with the dead letters of a node. Without a node it opens the ledger
// in --data, and uses the dead letters of its own NATS server or of --nats-url. While use runs, this process does not read the intake.
func (p *program) withDeadLetters(ctx context.Context, use func(deadLetters) error) error {
	c, err := p.reach()
	if err != nil {
		return err
	}
	if c != nil {
		defer c.Close()
		return p.nodeError(use(remoteDeadLetters{c}))
	}
	if err := p.wantLedger(); err != nil {
		return err
	}
	o := p.nodeOptions()
	o.NATS = &node.NATSOptions{URL: p.set.NATSURL, SeedFile: p.set.NATSKey}
	if o.NATS.URL != "" {
		if err := p.checkNATSURL(o.NATS); err != nil {
			return err
		}
	}
	n, err := node.Open(ctx, o)
	if err != nil {
		return err
	}
	return errors.Join(use(localDeadLetters{n.NATS.DeadLetters(n.Ledger)}), n.Close())
}

// localDeadLetters are the dead letters of a ledger in this process.
type localDeadLetters struct{ *intake.DeadLetters }

func (l localDeadLetters) List(ctx context.Context, v operations.Values) (intake.DeadLetterPage, error) {
	of, err := httpapi.DeadLetterListOf(&v)
	if err != nil {
		return intake.DeadLetterPage{}, usagef("--%w", err)
	}
	return node.ListDeadLetters(ctx, l.DeadLetters, of)
}

func (l localDeadLetters) Retry(ctx context.Context, position uint64) ([]byte, bool, error) {
	v, err := l.DeadLetters.Retry(ctx, localCaller(), position)
	if err != nil {
		return nil, false, err
	}
	return wire.AppendVerdict(nil, &v), v.Status == domain.Invalid, nil
}

func (l localDeadLetters) Drop(ctx context.Context, position uint64) error {
	return l.DeadLetters.Drop(ctx, localCaller(), position)
}

// remoteDeadLetters are the dead letters of a running node.
type remoteDeadLetters struct{ node *client.Client }

func (l remoteDeadLetters) List(ctx context.Context, v operations.Values) (page intake.DeadLetterPage, err error) {
	o := operations.Find("dead-letters")
	path, values, err := requestOf(o, v)
	if err != nil {
		return page, err
	}
	return page, l.request(ctx, o.Method, path, values, &page)
}

func (l remoteDeadLetters) Show(ctx context.Context, position uint64) (*intake.DeadLetter, error) {
	letter := new(intake.DeadLetter)
	return letter, l.request(ctx, http.MethodGet, deadLetterPath(position), nil, letter)
}

func (l remoteDeadLetters) Retry(ctx context.Context, position uint64) (verdict []byte, isInvalid bool, err error) {
	v, err := l.node.Verdict(ctx, deadLetterPath(position)+"/retry")
	if err != nil {
		return nil, false, err
	}
	return v.JSON, v.Status == domain.Invalid, nil
}

func (l remoteDeadLetters) Drop(ctx context.Context, position uint64) error {
	return l.request(ctx, http.MethodPost, deadLetterPath(position)+"/drop", nil, new(struct{ Dropped uint64 }))
}

func deadLetterPath(position uint64) string {
	return "/v1/dead-letters/" + strconv.FormatUint(position, 10)
}

// request sends a request to the node, and decodes the answer into the value at into.
func (l remoteDeadLetters) request(ctx context.Context, method, path string, values url.Values, into any) error {
	body, err := l.node.Ask(ctx, method, path, values)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("decode the answer of the node: %w", err)
	}
	return nil
}

// isNoRecord reports whether err means that the ledger of this process has no such dead letter.
func isNoRecord(err error) bool { return errors.Is(err, eventstore.ErrNoRecord) }

// isNotFound reports whether err means that the ledger of this process or the node has no such
// dead letter.
func isNotFound(err error) bool {
	refused := (*client.Problem)(nil)
	return isNoRecord(err) || errors.As(err, &refused) && refused.Status == http.StatusNotFound
}
