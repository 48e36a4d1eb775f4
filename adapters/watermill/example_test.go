package watermill_test

import (
	"context"
	"log"

	"authledger/adapters/watermill"
	"authledger/eventstore"
)

// A part of a node that tells people that they are locked out, and keeps where it is
// in the same write as what it has told.
func Example() {
	var ledger *eventstore.Ledger // of the node
	var kept store

	s := watermill.NewSubscriber(ledger, watermill.SubscriberOptions{
		After: func(context.Context, string) (watermill.Position, error) {
			return watermill.ParsePosition(kept.position)
		},
	})
	defer s.Close()
	messages, err := s.Subscribe(context.Background(), "lockout.started")
	if err != nil {
		log.Fatal(err)
	}
	for m := range messages {
		if err := kept.write(m.Metadata.Get(watermill.EntityKey), m.Metadata.Get(watermill.PositionKey)); err != nil {
			m.Nack() // it comes again
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
