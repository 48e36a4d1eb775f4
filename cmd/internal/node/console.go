package node

import (
	"context"
	"errors"

	"authledger/adapters/console"
	"authledger/adapters/intake"
	"authledger/adapters/natsconn"
	"authledger/domain"
)

// consoleDeadLetters adapts dead letters to the console.
type consoleDeadLetters struct{ *intake.DeadLetters }

func (s consoleDeadLetters) List(ctx context.Context, limit int) (list []console.DeadLetter, hasMore bool, err error) {
	page, err := s.DeadLetters.ListBack(ctx, 0, limit)
	for i := range page.Items {
		list = append(list, console.DeadLetter(page.Items[i]))
	}
	return list, page.More, consoleError(err)
}

func (s consoleDeadLetters) Show(ctx context.Context, position uint64) (console.DeadLetter, error) {
	letter, err := s.DeadLetters.Show(ctx, position)
	if err != nil {
		return console.DeadLetter{}, consoleError(err)
	}
	return console.DeadLetter(*letter), nil
}

func (s consoleDeadLetters) Retry(ctx context.Context, position uint64) (domain.Verdict, error) {
	v, err := s.DeadLetters.Retry(ctx, position)
	return v, consoleError(err)
}

func (s consoleDeadLetters) Drop(ctx context.Context, position uint64) error {
	return consoleError(s.DeadLetters.Drop(ctx, position))
}

// consoleError replaces the error of a lost NATS connection by the error of the console.
func consoleError(err error) error {
	if errors.Is(err, natsconn.ErrDisconnected) {
		return console.ErrUnreachable
	}
	return err
}
