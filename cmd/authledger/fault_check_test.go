//go:build faults

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"time"

	"authledger/domain"
	"authledger/eventstore"
	"authledger/eventstore/wire"
	"authledger/projections"
)

// commandName names a command for ever.
type commandName struct{ source, id string }

// told is what children have said: what they were about to submit, and what
// they heard. It outlives them.
type told struct {
	order  []commandName
	sent   map[commandName][]byte // the command
	acked  map[commandName][]byte // the verdict
	broken []string
	alarms []string // health, as it was told
	loose  bool     // the verdicts are made up: only whether they are there counts
}

func newTold() *told {
	return &told{sent: make(map[commandName][]byte), acked: make(map[commandName][]byte)}
}

// hear takes in a child's line.
func (k *told) hear(l childLine) {
	switch l.word {
	case wordSent:
		k.hearSent(l.rest)
	case wordAcked:
		k.hearAcked(l.rest)
	case wordBroken:
		k.broken = append(k.broken, string(l.rest))
	case wordHealth:
		k.alarms = append(k.alarms, string(l.rest))
	}
}

func (k *told) hearSent(line []byte) {
	c, rejection := wire.ReadCommand(line)
	if rejection != nil {
		k.broken = append(k.broken, fmt.Sprintf("%v: %s", rejection, line))
		return
	}
	name := commandName{c.Source, c.ID}
	k.sent[name] = line
	k.order = append(k.order, name)
}

// hearAcked takes in a verdict, which must be the one that was heard before, if
// one was.
func (k *told) hearAcked(line []byte) {
	name, err := verdictName(line)
	if err != nil {
		k.broken = append(k.broken, err.Error())
		return
	}
	if before, again := k.acked[name]; again && !bytes.Equal(before, line) {
		k.broken = append(k.broken, fmt.Sprintf("two verdicts on one command:\n%s\n%s", before, line))
	}
	k.acked[name] = line
}

// unanswered are the newest commands without a verdict, to be sent again.
func (k *told) unanswered() [][]byte {
	var all [][]byte
	for _, name := range k.order {
		if k.acked[name] == nil {
			all = append(all, k.sent[name])
		}
	}
	return all
}

// drain hears all that an ended child had said.
func (k *told) drain(c *child) {
	for l := range c.lines {
		k.hear(l)
	}
}

// hold proves the log against what was told: every acknowledged verdict is in
// it to the byte, no position holds two records, no command two positions, and
// nothing is there that nobody sent.
func (k *told) hold(records iter.Seq2[*domain.Record, error]) error {
	found := make(map[commandName]uint64)
	last, right := uint64(0), 0
	for r, err := range records {
		if err != nil {
			return err
		}
		name := commandName{r.Command.Source, r.Command.ID}
		if r.Seq != last+1 {
			return fmt.Errorf("record %d follows record %d", r.Seq, last)
		}
		if at, twice := found[name]; twice {
			return fmt.Errorf("%v is recorded at %d and at %d", name, at, r.Seq)
		}
		if k.sent[name] == nil && name.source != domain.TimerSource {
			return fmt.Errorf("record %d, %v, was never sent", r.Seq, name)
		}
		v := r.Verdict()
		if line := wire.AppendVerdict(nil, &v); k.acked[name] != nil && !k.loose && !bytes.Equal(line, k.acked[name]) {
			return fmt.Errorf("the verdict at %d is another than was acknowledged:\n%s\n%s", r.Seq, line, k.acked[name])
		}
		if k.acked[name] != nil {
			right++
		}
		found[name], last = r.Seq, r.Seq
	}
	if right == len(k.acked) {
		return nil
	}
	return k.missing(found)
}

func (k *told) missing(found map[commandName]uint64) error {
	lost, first := 0, []byte(nil)
	for name, line := range k.acked {
		if found[name] == 0 {
			lost, first = lost+1, line
		}
	}
	return fmt.Errorf("%d of %d acknowledged verdicts are not in the log: %w: one is %s", lost, len(k.acked), errLost, first)
}

var errLost = errors.New("loss")

// holdNode proves an open ledger: its log against what was told, its rows
// against the naive fold.
func (k *told) holdNode(ctx context.Context, n *node) error {
	if err := k.hold(n.ledger.Records(ctx, 1, 0, false)); err != nil {
		return err
	}
	return checkFold(ctx, n)
}

// naiveFold folds the users with nothing but the domain's own fold.
func naiveFold(records iter.Seq2[*domain.Record, error]) (map[string]domain.User, error) {
	folded := domain.NewFolded(domain.IBKRSLS())
	for r, err := range records {
		if err != nil {
			return nil, err
		}
		if _, err := folded.Take(r); err != nil {
			return nil, err
		}
	}
	return maps.Collect(folded.Users()), nil
}

// checkFold compares the rows of all users, and the answers about them, with
// the naive fold of the log.
func checkFold(ctx context.Context, n *node) error {
	users, err := naiveFold(n.ledger.Records(ctx, 1, n.rows.Position().Seq, false))
	if err != nil {
		return err
	}
	return checkUsers(ctx, n.rows, n.ledger, users)
}

func checkUsers(ctx context.Context, rows *projections.Engine, log projections.Log, users map[string]domain.User) error {
	for name, want := range users {
		got, err := rows.User(name)
		if err != nil {
			return err
		}
		if a, b := wire.AppendData(nil, &got), wire.AppendData(nil, &want); !bytes.Equal(a, b) {
			return fmt.Errorf("%w: the row of %s is not the fold of the log:\nrow  %s\nfold %s", errLie, name, a, b)
		}
		at := want.Clock.Add(time.Second)
		answer, err := rows.Lockout(ctx, log, name, at, nil)
		if err != nil {
			return err
		}
		if want := want.At(at).Lockout(rows.Policy(), at); answer.Lockout != want {
			return fmt.Errorf("%w: %s at %v: answered %+v, want %+v", errLie, name, at, answer.Lockout, want)
		}
	}
	return nil
}

// errLie is an answer that is not the truth: the one thing that no fault may
// lead to.
var errLie = errors.New("a lie was served")

// checkRebuilt compares the rows of a stopped ledger with rows built anew, key
// for key, and decides everything again.
func checkRebuilt(ctx context.Context, d *disk) error {
	head, err := eventstore.OpenHead(d.options.dir)
	if err != nil {
		return err
	}
	defer head.Close() // nothing was written
	fresh, err := d.rows.OpenNext()
	if err != nil {
		return err
	}
	defer fresh.Close() // it is thrown away
	if _, err := eventstore.Verify(ctx, d.manifest, d.store, head.At(), fresh, nil); err != nil {
		return err
	}
	return compareRows(ctx, d.rows, fresh)
}
