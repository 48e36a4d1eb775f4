package eventstore

import (
	"time"

	"authledger/domain"
)

// Observer receives the durations of the steps of each commit. The ledger calls its
// functions from the goroutines of the sequencer, one commit after the other. They MUST
// NOT block. Each may be nil.
type Observer struct {
	Decided   func(records int, took time.Duration) // from the start of deciding until the commit is sent
	Committed func(records int, took time.Duration) // from the first send until the commit is on disk
	Folded    func(records int, took time.Duration) // folding and answering

	Refused func(reason domain.Reason) // called for each record with status refused, once its commit is folded
}

func (o *Observer) complete() {
	for _, f := range []*func(int, time.Duration){&o.Decided, &o.Committed, &o.Folded} {
		if *f == nil {
			*f = func(int, time.Duration) {}
		}
	}
	if o.Refused == nil {
		o.Refused = func(domain.Reason) {}
	}
}
