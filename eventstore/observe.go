package eventstore

import "time"

// Observer is told how long the steps of a commit took. Its functions are called
// from the ledger's own goroutines, one commit after the other, and must be quick;
// each may be nil.
type Observer struct {
	Decided   func(records int, took time.Duration) // from the first command taken to the commit sent
	Committed func(records int, took time.Duration) // from sent to on disk
	Folded    func(records int, took time.Duration) // into the state, and answered
}

func (o *Observer) complete() {
	for _, f := range []*func(int, time.Duration){&o.Decided, &o.Committed, &o.Folded} {
		if *f == nil {
			*f = func(int, time.Duration) {}
		}
	}
}
