package node

import (
	"context"
	"errors"

	"authledger/adapters/console"
	"authledger/adapters/httpapi"
	"authledger/adapters/intake"
	"authledger/adapters/natsconn"
	"authledger/adapters/webhooks"
	"authledger/domain"
	"authledger/eventstore"
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

func (s consoleDeadLetters) Retry(ctx context.Context, caller string, position uint64) (domain.Verdict, error) {
	v, err := s.DeadLetters.Retry(ctx, caller, position)
	return v, consoleError(err)
}

func (s consoleDeadLetters) Drop(ctx context.Context, caller string, position uint64) error {
	return consoleError(s.DeadLetters.Drop(ctx, caller, position))
}

// consoleError replaces the error of a lost NATS connection by the error of the console.
func consoleError(err error) error {
	if errors.Is(err, natsconn.ErrDisconnected) {
		return console.ErrUnreachable
	}
	return err
}

// consoleDeliveries adapts deliveries to the console.
type consoleDeliveries struct{ of *Deliveries }

func (d consoleDeliveries) List(ctx context.Context, of console.DeliveryList) (console.DeliveryPage, error) {
	found, err := d.of.List(ctx, httpapi.DeliveryList{
		Name: of.Name, State: of.State, After: of.After, Limit: of.Limit,
		Next: func(position string) string { return position },
	})
	page := console.DeliveryPage{Node: found.Node, Next: found.Next}
	for _, each := range found.Deliveries {
		page.Deliveries = append(page.Deliveries, console.Delivery{
			ID: each.ID, Position: each.Position, Type: each.Type, State: string(each.State), Error: each.Error,
			Attempts: each.Attempts, Status: each.Status, Time: each.Time, Next: each.Next,
		})
	}
	return page, err
}

func (d consoleDeliveries) Redrive(ctx context.Context, caller, name string, ids []string) (node string, redriven int, err error) {
	done, err := d.of.RedoFor(ctx, caller, name, ids)
	if errors.Is(err, webhooks.ErrNoDelivery) {
		err = eventstore.ErrNoRecord
	}
	return done.Node, done.Redriven, err
}
