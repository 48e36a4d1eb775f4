package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"authledger/adapters/importers/signins"
	"authledger/cmd/internal/usage"
	"authledger/domain"
)

// openSignIns returns an opener for events of a gateway. The opener merges the attempts of all
// files in order of time.
func openSignIns(gateway *signins.Gateway, org string) (Opener, error) {
	if _, err := signins.New(nil, gateway, org); err != nil {
		return nil, usage.Error{Err: err}
	}
	return func(ctx context.Context, to Target, inputs []*Input) iter.Seq[Item] {
		return func(yield func(Item) bool) {
			events, err := signInsOf(inputs, gateway, org)
			adopted, policy := to.Rows.Position().Seq > 0, to.Rows.Policy() // a ledger with records has a policy
			for it := (Item{err: err}); it.err == nil; {
				it = nextSignIn(events, inputs)
				switch {
				case len(it.Commands) == 0:
				case adopted:
					it.err = checkNames(policy, &it.Commands[0])
				default:
					it.adopted, it.err = adoptEmailLogin(ctx, to, &it.Commands[0])
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

// checkNames returns an error if the user name of c contains an @ and the policy does not permit
// e-mail addresses as names. Otherwise the ledger would refuse the attempt, and a later import
// could not record it, because the id of the attempt would be used.
func checkNames(policy *domain.Policy, c *domain.Command) error {
	name, unknown, _ := c.LoginName()
	if unknown || !strings.Contains(*name, "@") || policy.BadName("a@a") == nil {
		return nil
	}
	return fmt.Errorf("names in this file contain an @, which the policy %s does not permit: adopt %s first", policy.Version, domain.EmailLogin().Version)
}

func signInsOf(inputs []*Input, gateway *signins.Gateway, org string) (*signins.Order, error) {
	var readers []*signins.Reader
	for _, in := range inputs {
		reader, err := signins.New(in.Reader, gateway, org)
		if err != nil {
			return nil, err
		}
		readers = append(readers, reader)
	}
	return signins.InOrder(readers...), nil
}

func nextSignIn(events *signins.Order, inputs []*Input) Item {
	line, err := events.Next()
	if errors.Is(err, io.EOF) {
		return Item{err: err}
	}
	in := inputs[line.File]
	return Item{
		Line: line.Ordinal, at: location{input: in, number: line.Number, isElement: line.Element},
		Commands: line.Commands, rejection: line.Rejection, unrecognized: line.Foreign,
		passedOver: line.PassedOver, kind: line.Kind, unmapped: line.Unmapped, err: ofInput(in, err),
	}
}

// adoptEmailLogin adopts the policy for names that are e-mail addresses in a new ledger, and
// returns its label. It returns "" if the time of the first command is in the future. The ledger
// then rejects the command, and the caller calls adoptEmailLogin for the next command.
func adoptEmailLogin(ctx context.Context, to Target, first *domain.Command) (string, error) {
	version := domain.EmailLogin().Version
	v, err := to.Ledger.Do(ctx, signins.AdoptEmailLogin(first.Source, first.Time))
	switch {
	case err != nil:
		return "", fmt.Errorf("adopt %s: %w", version, err)
	case v.Reason == domain.ClockSkew:
		return "", nil
	case v.Status != domain.Accepted:
		return "", fmt.Errorf("adopt %s at %s: %s: %s", version, formatTime(first.Time), v.Reason, v.Detail)
	}
	return version, nil
}
