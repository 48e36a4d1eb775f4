package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/jedib0t/go-pretty/v6/progress"
	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"authledger/domain"
	"authledger/eventstore"
	"authledger/projections"
)

// scratchPattern is what the directories are called in which a verification
// folds the log anew. They lie in the data directory, whose disk has the room.
const scratchPattern = "verify-*"

func newVerifyCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "verify", Short: "prove the whole log, and that the projections are what it says",
		Long: `Read the whole log and prove that every commit follows from the one before, that
the log is not shorter than it was, that every verdict comes out the same when
decided again, and that the stored projections equal a fresh fold, key for key.

Anything wrong is named with its position, with exit code 3.`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			return p.withDisk(c.Context(), func(d *disk) error {
				// Without a head the log is still to be proved: whether it
				// is sound decides if a new head may be written.
				head, lost := readHead(d.options.dir)
				v, err := p.verify(c.Context(), d, head)
				if err := errors.Join(err, lost); err != nil {
					return err
				}
				return p.showVerified(v)
			})
		},
	}
}

func readHead(dir string) (domain.Position, error) {
	h, err := eventstore.OpenHead(dir)
	if err != nil {
		return domain.Position{}, err
	}
	return h.At(), h.Close()
}

// verify proves the log and compares the stored rows with a fresh fold.
func (p *program) verify(ctx context.Context, d *disk, head domain.Position) (verified, error) {
	scratch, err := makeScratch(d.options.dir)
	if err != nil {
		return verified{}, err
	}
	fresh, err := projections.Open(scratch, projections.Options{Log: d.options.log})
	if err != nil {
		return verified{}, errors.Join(err, os.RemoveAll(scratch))
	}
	v, err := p.verifyWith(ctx, d, head, fresh)
	return v, errors.Join(err, fresh.Close(), os.RemoveAll(scratch))
}

// makeScratch also removes what a verification left that was cut off.
func makeScratch(dir string) (string, error) {
	left, err := filepath.Glob(filepath.Join(dir, scratchPattern))
	for _, old := range left {
		err = errors.Join(err, os.RemoveAll(old))
	}
	if err != nil {
		return "", fmt.Errorf("remove what an earlier verification left: %w", err)
	}
	scratch, err := os.MkdirTemp(dir, scratchPattern)
	if err != nil {
		return "", fmt.Errorf("make room for the verification: %w", err)
	}
	return scratch, nil
}

func (p *program) verifyWith(ctx context.Context, d *disk, head domain.Position, fresh *projections.Engine) (verified, error) {
	begun := time.Now()
	b := p.startBar("verifying", progress.UnitsDefault)
	defer b.stop()
	fresh.Bulk(true)
	d.rows.Bulk(true)
	state := &beside{Engine: fresh, stored: d.rows}
	proved, err := eventstore.Verify(ctx, d.manifest, d.store, head, state, func(at, last uint64) { b.at(int64(at), int64(last)) })
	if err != nil {
		return verified{}, err
	}
	if err := state.same(ctx, proved.End); err != nil {
		return verified{}, err
	}
	return verified{
		Realm: d.manifest.Realm, Commits: proved.Commits, Records: proved.Records,
		End: newPosition(proved.End), Head: newPosition(head), Rebuilt: d.rows.Rebuilding(),
		Seconds: time.Since(begun).Seconds(),
	}, nil
}

// beside is the fresh state that a verification decides on. Beside it, the
// stored rows get what they lack.
type beside struct {
	*projections.Engine
	stored *projections.Engine
}

func (s *beside) Fold(c *domain.Commit) error {
	if err := s.Engine.Fold(c); err != nil {
		return err
	}
	at := s.stored.Position()
	switch {
	case c.Last() < at.Seq || c.End() == at:
		return nil
	case c.First != at.Seq+1:
		return &eventstore.Fault{Stream: c.Stream, Seq: c.First, Err: errors.New("the projections remember another commit here")}
	}
	return s.stored.Fold(c)
}

// same compares the rows, which must both end where the log does.
func (s *beside) same(ctx context.Context, end domain.Position) error {
	if at := s.stored.Position(); at != end {
		return &eventstore.Fault{Stream: end.Stream, Seq: end.Seq, Err: fmt.Errorf("the log ends here, but the projections know it up to record %d", at.Seq)}
	}
	different, err := projections.Compare(ctx, s.stored, s.Engine)
	if err != nil {
		return fmt.Errorf("compare the projections: %w", err)
	}
	if different != nil {
		return &eventstore.Fault{Stream: end.Stream, Seq: end.Seq, Err: fmt.Errorf("the log is sound, but the projections are not what it says: %v: "+
			"build them anew with `authledger rebuild`", different)}
	}
	return nil
}

// verified is what a verification has proved.
type verified struct {
	Realm   string   `json:"realm"`
	Commits uint64   `json:"commits"`
	Records uint64   `json:"records"`
	End     position `json:"end"`
	Head    position `json:"head"`
	Rebuilt string   `json:"rebuilt,omitempty"` // why the projections were built anew
	Seconds float64  `json:"seconds"`
}

// position is a place in the log, as answers show it.
type position struct {
	Seq    uint64 `json:"seq"`
	Stream uint64 `json:"stream"`
	Hash   string `json:"hash"`
}

func newPosition(at domain.Position) position {
	return position{at.Seq, at.Stream, fmt.Sprintf("%x", at.Hash)}
}

func (p *program) showVerified(v verified) error {
	return p.answer(v, func() table.Writer {
		t := newTable()
		t.AppendRow(table.Row{"log", fmt.Sprintf("%d records in %d commits, chained without a gap", v.Records, v.Commits)})
		t.AppendRow(table.Row{"verdicts", "every one the same when decided again"})
		t.AppendRow(table.Row{"end", fmt.Sprintf("record %d, %s", v.End.Seq, v.End.Hash)})
		t.AppendRow(table.Row{"head", fmt.Sprintf("record %d: nothing behind it is missing", v.Head.Seq)})
		rows := "equal to a fresh fold, key for key"
		if v.Rebuilt != "" {
			rows = "were built anew: " + v.Rebuilt
		}
		t.AppendRow(table.Row{"projections", rows})
		t.AppendRow(table.Row{"seconds", threeDigits(v.Seconds)})
		return t
	})
}
