package backup

import (
	"context"
	"fmt"
	"time"

	"authledger/domain"
	"authledger/eventstore"
)

// ToEnd is the value of Options.Through for a backup up to the end of Options.Log.
const ToEnd = ^uint64(0)

// Options are the log to back up, and the end of the backup. Ledger, Log and Now are required.
type Options struct {
	Ledger eventstore.Manifest
	Log    eventstore.Reader

	// Through is the newest record that the backup MUST contain: the newest record that a running node has
	// acknowledged, or [ToEnd]. The backup ends with the commit of this record.
	Through uint64

	Now      func() time.Time
	Pace     func(ctx context.Context, bytes int) error // called before bytes are read or written; nil for no pause
	Progress func(stream, last uint64)                  // called for each commit; nil for no calls
}

// pause calls Pace unless it is nil.
func (o Options) pause(ctx context.Context, bytes int) error {
	if o.Pace == nil {
		return nil
	}
	return o.Pace(ctx, bytes)
}

// Result describes a backup.
type Result struct {
	End     domain.Position // of the backup
	Commits uint64          // commits that this backup added
	Bytes   int64           // bytes of the segments that this backup wrote
}

// target receives the files of a backup.
type target interface {
	// put stores a file.
	put(ctx context.Context, name string, data []byte) error

	// complete stores the manifest, after all other files are durable.
	complete(m *Manifest) error
}

// writer writes one backup.
type writer struct {
	Options
	to     target
	m      Manifest
	chain  *eventstore.Chain
	buffer segmentBuffer
	result Result
}

// run adds the commits after the end of the manifest, and completes the backup.
func (w *writer) run(ctx context.Context) (Result, error) {
	last, err := w.Log.Last(ctx)
	if err != nil {
		return w.result, fmt.Errorf("find the end of the log: %w", err)
	}
	if err := w.extend(ctx, last); err != nil {
		return w.result, err
	}
	at := w.chain.At()
	if w.Through != ToEnd && at.Seq < w.Through {
		return w.result, &eventstore.Fault{Stream: at.Stream + 1, Seq: at.Seq + 1, Err: fmt.Errorf(
			"the log ends at record %d, but the node has acknowledged record %d: run `authledger verify`", at.Seq, w.Through)}
	}
	w.m.Format, w.m.Realm, w.m.LedgerID = formatVersion, w.Ledger.Realm, w.Ledger.LedgerID
	w.m.Ledger, w.m.Rules, w.m.Time = hexSum(w.Ledger.Encode()), domain.Rules, w.Now().UTC()
	if err := w.to.complete(&w.m); err != nil {
		return w.result, fmt.Errorf("complete the backup: %w", err)
	}
	w.result.End = at
	return w.result, nil
}

// extend writes the segments of the commits after the end of the manifest.
func (w *writer) extend(ctx context.Context, last uint64) error {
	if w.isComplete() {
		return nil
	}
	for m, err := range w.Log.Read(ctx, w.chain.At().Stream+1) {
		if err == nil {
			err = w.add(ctx, m)
		}
		if err != nil {
			return fmt.Errorf("back up the log: %w", err)
		}
		if w.Progress != nil {
			w.Progress(m.Stream, last)
		}
		if w.isComplete() {
			break
		}
	}
	return w.flush(ctx)
}

func (w *writer) isComplete() bool { return w.chain.At().Seq >= w.Through }

func (w *writer) add(ctx context.Context, m eventstore.Message) error {
	if err := w.pause(ctx, len(m.Data)); err != nil {
		return err
	}
	if err := w.chain.Link(m); err != nil {
		return err
	}
	w.buffer.add(m)
	w.result.Commits++
	if len(w.buffer.data) < segmentBytesMax {
		return nil
	}
	return w.flush(ctx)
}

// flush stores the segment that is being filled.
func (w *writer) flush(ctx context.Context) error {
	if w.buffer.first == 0 || w.result.Commits == 0 {
		return nil
	}
	s := w.buffer.describe(w.chain.At())
	if err := w.to.put(ctx, s.File, w.buffer.data); err != nil {
		return fmt.Errorf("write segment %s: %w", s.File, err)
	}
	if n := len(w.m.Segments); n > 0 && w.m.Segments[n-1].First == s.First {
		w.m.Segments = w.m.Segments[:n-1] // this segment continues it
	}
	w.m.Segments = append(w.m.Segments, s)
	w.result.Bytes += int64(len(w.buffer.data))
	w.buffer.first = 0
	return nil
}
