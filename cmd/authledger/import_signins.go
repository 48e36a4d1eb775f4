package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"

	"authledger/adapters/importers/signins"
	"authledger/domain"
)

// openSignIns reads the events of a gateway.
func openSignIns(gateway *signins.Gateway, org string) (opener, error) {
	if _, err := signins.New(nil, gateway, org); err != nil {
		return nil, usageError{err}
	}
	return func(ctx context.Context, n *node, in io.Reader) iter.Seq[item] {
		return func(yield func(item) bool) {
			reader, err := signins.New(in, gateway, org)
			events := signins.InOrder(reader)
			adopted := n.rows.Position().Seq > 0 // whoever has records has a policy
			for it := (item{err: err}); it.err == nil; {
				it = nextSignIn(events)
				if !adopted && len(it.commands) > 0 {
					it.adopted, it.err = adoptEmailLogin(ctx, n, &it.commands[0])
					adopted = it.adopted != ""
				}
				if errors.Is(it.err, io.EOF) || !yield(it) {
					return
				}
			}
		}
	}, nil
}

func nextSignIn(events *signins.Order) item {
	line, err := events.Next()
	return item{
		line: line.Number, commands: line.Commands, rejection: line.Rejection,
		passed: line.PassedOver, unmapped: line.Unmapped, err: err,
	}
}

// adoptEmailLogin gives a new ledger the rules for names that are e-mail
// addresses, and says which. A command from the future, which is invalid itself,
// adopts none: one bad line must not cost the others.
func adoptEmailLogin(ctx context.Context, n *node, first *domain.Command) (string, error) {
	version := domain.EmailLogin().Version
	v, err := n.ledger.Do(ctx, signins.AdoptEmailLogin(first.Source, first.Time))
	switch {
	case err != nil:
		return "", fmt.Errorf("adopt %s: %w", version, err)
	case v.Reason == domain.ClockSkew:
		return "", nil
	case v.Status != domain.Accepted:
		return "", fmt.Errorf("adopt %s at %s: %s: %s", version, showTime(first.Time), v.Reason, v.Detail)
	}
	return version, nil
}
