package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

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
			adopted, policy := n.rows.Position().Seq > 0, n.rows.Policy() // whoever has records has a policy
			for it := (item{err: err}); it.err == nil; {
				it = nextSignIn(events)
				switch {
				case len(it.commands) == 0:
				case adopted:
					it.err = admits(policy, &it.commands[0])
				default:
					it.adopted, it.err = adoptEmailLogin(ctx, n, &it.commands[0])
					if adopted = it.adopted != ""; adopted {
						policy = domain.EmailLogin()
					}
				}
				if errors.Is(it.err, io.EOF) || !yield(it) {
					return
				}
			}
		}
	}, nil
}

// admits stops an import whose names the policy doesn't mean: an attempt that is refused
// for its name stays refused, whatever is adopted later, for its id is taken.
func admits(policy *domain.Policy, c *domain.Command) error {
	name, unknown, _ := c.LoginName()
	if unknown || !strings.Contains(*name, "@") || policy.BadName("a@a") == nil {
		return nil
	}
	return fmt.Errorf("names of this file hold an @, and the policy %s allows none: adopt %s first", policy.Version, domain.EmailLogin().Version)
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
