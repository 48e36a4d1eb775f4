package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"authledger/adapters/client"
	"authledger/cmd/internal/node"
	"authledger/cmd/internal/render"
	"authledger/domain"
	"authledger/eventstore"
	"authledger/eventstore/audit"
	"authledger/projections"
)

// scratchPattern matches the temporary directories of verifications, which hold a second fold
// of the log. They are in the data directory, because its disk has the capacity.
const scratchPattern = node.ScratchPrefix + "*"

func newVerifyCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "verify", Short: "Verify the log, verdicts and projections",
		Long: `Read the whole log and verify it.

  authledger verify

The command checks that:
- each commit follows from the commit before it, and the log has lost no record;
- deciding each command again gives the recorded verdict;
- the stored projections equal a second fold of the log, key by key;
- personal data can be decrypted. The command prints only the counts.

The command reports the position of each fault, and exits with code 3. A running node
verifies its log up to the record that was the newest at the start of the command, or up to
a later record; the row "end" names the last verified record. The node works on this at most
a fifth of the time, and serves its callers meanwhile. The node records the end of the
verification, with its caller, as audit.verified. On a directory without a node the command
writes nothing into the log, so that the log of a copy stays equal to its original. It
overwrites the keys that the log has erased.`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			n, err := p.reach()
			if err != nil {
				return err
			}
			if n != nil {
				defer n.Close()
				return p.verifyNode(c.Context(), n)
			}
			return p.withFiles(c.Context(), func(d *node.Directory) error {
				// verify also checks a log whose head is lost, because the error advises
				// `rebuild --head`, which succeeds only if the log is intact.
				head, lost := eventstore.HeadAt(d.Options.Dir)
				v, err := p.verify(c.Context(), d, head)
				if err := errors.Join(err, lost); err != nil {
					return err
				}
				return p.showVerified(v)
			})
		},
	}
}

// verifyNode sends a node the request to verify its log, and prints the result.
func (p *program) verifyNode(ctx context.Context, n *client.Client) error {
	var v node.Verified
	if err := p.runTask(ctx, n, task{path: "/v1/verify", message: "verifying"}, &v); err != nil {
		return err
	}
	return p.showVerified(v)
}

// verify verifies the log and compares the stored rows with a second fold of the log.
func (p *program) verify(ctx context.Context, d *node.Directory, head domain.Position) (node.Verified, error) {
	scratch, err := makeScratch(d.Options.Dir)
	if err != nil {
		return node.Verified{}, err
	}
	fresh, err := projections.Open(scratch, projections.Options{Log: d.Options.Log})
	if err != nil {
		return node.Verified{}, errors.Join(err, os.RemoveAll(scratch))
	}
	v, err := p.verifyWith(ctx, d, head, fresh)
	return v, errors.Join(err, fresh.Close(), os.RemoveAll(scratch))
}

// makeScratch creates a temporary directory, and removes the directories of interrupted
// verifications.
func makeScratch(dir string) (string, error) {
	left, err := filepath.Glob(filepath.Join(dir, scratchPattern))
	for _, old := range left {
		err = errors.Join(err, os.RemoveAll(old))
	}
	if err != nil {
		return "", fmt.Errorf("remove the files of an earlier verification: %w", err)
	}
	scratch, err := os.MkdirTemp(dir, scratchPattern)
	if err != nil {
		return "", fmt.Errorf("create a directory for the verification: %w", err)
	}
	return scratch, nil
}

// eraseKeys destroys the keys that the log has erased, so that an older copy of the keys reveals nothing
// to the verification. It destroys no key if the rows are damaged or belong to another log: the
// verification then finds the difference, or folds the log and destroys the keys afterwards.
func eraseKeys(ctx context.Context, d *node.Directory) error {
	err := eventstore.CheckHolds(ctx, d.Log, "projections", d.Rows.Position())
	if err == nil {
		err = eventstore.EraseKeys(d.Keys, d.Rows)
	}
	if isFault(err) || errors.Is(err, projections.ErrDamaged) {
		return nil
	}
	return err
}

func (p *program) verifyWith(ctx context.Context, d *node.Directory, head domain.Position, fresh *projections.Engine) (node.Verified, error) {
	begun, stored := time.Now(), d.Rows.Position()
	b := p.startBar("verifying", render.Commits)
	defer b.Stop()
	node.SaveMemory(p.getenv)
	if err := eraseKeys(ctx, d); err != nil {
		return node.Verified{}, err
	}
	sealed := eventstore.NewSealedCheck(d.Manifest, d.Keys)
	state := &verifiedState{Engine: fresh, directory: d, stored: d.Rows, sealed: sealed}
	proved, err := audit.Verify(ctx, d.Manifest, d.Log, head, state, func(at, last uint64) { b.Set(int64(at), int64(last)) })
	if err != nil {
		return node.Verified{}, err
	}
	if err := state.compare(ctx, proved.End); err != nil {
		return node.Verified{}, err
	}
	if err := eventstore.EraseKeys(d.Keys, fresh); err != nil { // the stored rows may have lacked erasures
		return node.Verified{}, err
	}
	if err := state.recount(ctx, stored.Seq+1); err != nil {
		return node.Verified{}, err
	}
	if err := d.Rows.Bind(); err != nil {
		return node.Verified{}, err
	}
	if err := checkSealed(d, state.sealed, proved.End); err != nil {
		return node.Verified{}, err
	}
	return node.NewVerified(d, proved, head, state.sealed, time.Since(begun)), nil
}

// checkSealed returns a *Fault if keys of personal data are missing, unless the operator accepted
// their loss with --drop-damaged-keys.
func checkSealed(d *node.Directory, c *eventstore.SealedCheck, end domain.Position) error {
	if c.Missing > 0 && d.Options.DropDamagedKeys {
		d.Options.Log.Warn("missing keys are given up: personal data under them stays sealed", "records", c.Missing)
		if err := c.GiveUp(end.Stream); err != nil {
			return err
		}
	}
	return c.Err()
}

// orRebuild is the advice for the case that the projections, and not the log, were replaced.
const orRebuild = ": if only the projections were replaced, rebuild them with `authledger rebuild`"

// verifiedState is the state of a second fold. A verification decides each command again on
// this state. Fold also folds a commit into the stored rows if they lack the commit.
type verifiedState struct {
	*projections.Engine
	directory *node.Directory
	stored    *projections.Engine
	sealed    *eventstore.SealedCheck
}

func (s *verifiedState) Fold(c *domain.Commit) error {
	if err := s.Engine.Fold(c); err != nil {
		return err
	}
	if err := s.sealed.Add(c); err != nil {
		return err
	}
	at := s.stored.Position()
	switch {
	case c.Last() < at.Seq || c.End() == at:
		return nil
	case c.First != at.Seq+1:
		return &eventstore.Fault{Stream: c.Stream, Seq: c.First, Err: errors.New("the projections were folded from a different commit" + orRebuild)}
	}
	return s.stored.Fold(c)
}

// recount counts the records with personal data again if the records from seq on, which the stored
// rows lacked, erased a user: the first count opened data of that user.
func (s *verifiedState) recount(ctx context.Context, seq uint64) error {
	erased := false
	if err := s.EachErased(seq, func(string, uint32) { erased = true }); err != nil || !erased {
		return err
	}
	d := s.directory
	s.sealed = eventstore.NewSealedCheck(d.Manifest, d.Keys)
	for m, err := range d.Log.Read(ctx, 1) {
		if err != nil {
			return err
		}
		c, err := eventstore.ReadCommit(d.Manifest.Realm, m)
		if err != nil {
			return err
		}
		if err := s.sealed.Add(&c); err != nil {
			return err
		}
	}
	return nil
}

// compare returns a fault unless both folds end at the end of the log and have equal rows.
func (s *verifiedState) compare(ctx context.Context, end domain.Position) error {
	if at := s.stored.Position(); at != end {
		return &eventstore.Fault{Stream: end.Stream, Seq: end.Seq, Err: fmt.Errorf("the log ends at record %d, but the projections were folded up to record %d%s", end.Seq, at.Seq, orRebuild)}
	}
	different, err := projections.Compare(ctx, s.stored, s.Engine)
	if err != nil {
		return fmt.Errorf("compare the projections: %w", err)
	}
	if different != nil {
		return &eventstore.Fault{Stream: end.Stream, Seq: end.Seq, Err: fmt.Errorf("the log is intact, but the projections differ from it: %v: "+
			"rebuild them with `authledger rebuild`", different)}
	}
	return nil
}

// sealedText returns the counts of records with personal data as text.
func sealedText(s node.SealedCounts) string {
	text := render.Count(s.Opened, "record can be decrypted", "records can be decrypted")
	if s.Erased > 0 {
		text += fmt.Sprintf(", %d erased", s.Erased)
	}
	if s.GivenUp > 0 {
		text += fmt.Sprintf(", %d can't be decrypted because their keys were given up", s.GivenUp)
	}
	return text
}

func (p *program) showVerified(v node.Verified) error {
	return p.answer(v, func() *render.Table {
		t := render.NewTable()
		t.AppendRow(render.Row{"log", render.Count(v.Records, "record", "records") + " in " + render.Count(v.Commits, "commit", "commits") + ", each linked to the commit before it"})
		t.AppendRow(render.Row{"verdicts", "all equal when decided again"})
		t.AppendRow(render.Row{"end", fmt.Sprintf("record %d, %s", v.End.Seq, v.End.Hash)})
		t.AppendRow(render.Row{"head", fmt.Sprintf("record %d: the log contains every record up to the head", v.Head.Seq)})
		rows := "equal to a second fold, key by key"
		if v.Rebuilt != "" {
			rows = "rebuilt: " + v.Rebuilt
		}
		t.AppendRow(render.Row{"projections", rows})
		t.AppendRow(render.Row{"personal data", sealedText(v.Sealed)})
		t.AppendRow(render.Row{"duration", render.Seconds(v.Seconds)})
		return t
	})
}
