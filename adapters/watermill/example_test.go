package watermill_test

import (
	"context"
	"log"

	"authledger/adapters/watermill"
	"authledger/domain"
	"authledger/eventstore"
)

// Example is a part of a node that notifies users of lockouts. It stores its position
// in the same write as the effect.
func Example() {
	var ledger *eventstore.Ledger // of the node
	var kept store

	s := watermill.NewSubscriber(ledger, watermill.SubscriberOptions{
		After: func(context.Context, string) (domain.EventPosition, error) {
			return watermill.ParsePosition(kept.position)
		},
	})
	defer s.Close()
	messages, err := s.Subscribe(context.Background(), "lockout.started")
	if err != nil {
		log.Fatal(err)
	}
	for m := range messages {
		if err := kept.write(m.Metadata.Get(watermill.EntityKey),
			m.Metadata.Get(watermill.PositionKey)); err != nil {
			m.Nack() // the subscriber sends it again
			continue
		}
		m.Ack()
	}
}

type store struct{ position string }

func (s *store) write(_, position string) error {
	s.position = position
	return nil
}
