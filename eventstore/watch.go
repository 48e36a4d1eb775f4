package eventstore

import (
	"time"

	"authledger/eventstore/durable"
)

// watchEvery is the interval at which the ledger writes the head, and checks its files and the
// free space.
const watchEvery = 500 * time.Millisecond

// watch checks the files of the log and the free space, and then writes the head, every
// [watchEvery] until the ledger takes no more commands.
func (l *Ledger) watch() error {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-l.accepting.Done():
			return nil
		}
		if err := l.checkFiles(); err != nil {
			return err
		}
		if err := l.checkDisk(); err != nil {
			return err
		}
		if err := l.head.Write(l.state.Position(), l.keys.Durable()); err != nil {
			return err
		}
	}
}

// checkFiles returns a *Fault if a file that holds acknowledged records was deleted,
// replaced or truncated.
func (l *Ledger) checkFiles() error {
	if err := l.head.check(); err != nil {
		return err
	}
	if l.intact == nil {
		return nil
	}
	return l.intact()
}

// checkDisk reads the free space of the disk and sets whether the ledger takes commands.
func (l *Ledger) checkDisk() error {
	free, err := durable.Free(l.dir)
	if err != nil {
		return err
	}
	if full := free < l.freeMin; full != l.diskFull.Swap(full) {
		l.log.Warn("disk space", "free", free, "min", l.freeMin, "accepting", !full)
	}
	return nil
}
