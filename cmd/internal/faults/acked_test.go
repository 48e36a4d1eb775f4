//go:build faults

package faults

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"time"

	"authledger/cmd/internal/node"
	"authledger/domain"
	"authledger/eventstore"
	"authledger/eventstore/audit"
	"authledger/eventstore/wire"
	"authledger/projections"
	"authledger/projections/queries"
)

// commandName identifies a command.
type commandName struct{ source, id string }

// history contains the commands that child processes were about to submit and the
// verdicts that they received. It remains after the end of the processes.
type history struct {
	order             []commandName
	sent              map[commandName][]byte // the command
	acked             map[commandName][]byte // the verdict
	broken            []string
	alarms            []string // changes of the health
	acceptsAnyVerdict bool     // the planted fault invents verdicts: checkLog does not compare them
}

func newHistory() *history {
	return &history{sent: make(map[commandName][]byte), acked: make(map[commandName][]byte)}
}

// record adds a line of a child.
func (k *history) record(l childLine) {
	switch l.word {
	case wordSent:
		k.recordSent(l.rest)
	case wordAcked:
		k.recordAcked(l.rest)
	case wordBroken:
		k.broken = append(k.broken, string(l.rest))
	case wordHealth:
		k.alarms = append(k.alarms, string(l.rest))
	}
}

func (k *history) recordSent(line []byte) {
	c, rejection := wire.ReadCommand(line)
	if rejection != nil {
		k.broken = append(k.broken, fmt.Sprintf("%v: %s", rejection, line))
		return
	}
	name := commandName{c.Source, c.ID}
	k.sent[name] = line
	k.order = append(k.order, name)
}

// recordAcked adds a verdict. It MUST equal an earlier verdict on the same command.
func (k *history) recordAcked(line []byte) {
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

// unanswered returns the commands without a verdict, which the test sends again.
func (k *history) unanswered() [][]byte {
	var all [][]byte
	for _, name := range k.order {
		if k.acked[name] == nil {
			all = append(all, k.sent[name])
		}
	}
	return all
}

// drain records the remaining lines of a child that has ended.
func (k *history) drain(c *child) {
	for l := range c.lines {
		k.record(l)
	}
}

// checkLog compares the log with the history: it contains every acknowledged verdict
// byte for byte, one record at each position, one position for each command, and no
// command that was not sent.
func (k *history) checkLog(records iter.Seq2[*domain.Record, error]) error {
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
		line := wire.AppendVerdict(nil, &v)
		if k.acked[name] != nil && !k.acceptsAnyVerdict && !bytes.Equal(line, k.acked[name]) {
			return fmt.Errorf("the verdict at %d differs from the acknowledged verdict:\n%s\n%s", r.Seq, line,
				k.acked[name])
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

func (k *history) missing(found map[commandName]uint64) error {
	lost, first := 0, []byte(nil)
	for name, line := range k.acked {
		if found[name] == 0 {
			lost, first = lost+1, line
		}
	}
	return fmt.Errorf("%d of %d acknowledged verdicts are not in the log: %w: one is %s", lost, len(k.acked),
		errLost, first)
}

var errLost = errors.New("loss")

// checkNode compares the log of an open ledger with the history, and its rows with
// the naive fold.
func (k *history) checkNode(ctx context.Context, n *node.Node) error {
	if err := k.checkLog(n.Ledger.Records(ctx, 1, 0, false)); err != nil {
		return err
	}
	return checkFold(ctx, n)
}

// naiveFold folds all users in memory, with the fold of the domain alone.
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

// checkFold compares the rows of all users, and the queries of them, with the naive
// fold of the log.
func checkFold(ctx context.Context, n *node.Node) error {
	users, err := naiveFold(n.Ledger.Records(ctx, 1, n.Rows.Position().Seq, false))
	if err != nil {
		return err
	}
	return checkUsers(ctx, n.Rows, n.Queries, users)
}

func checkUsers(ctx context.Context, rows *projections.Engine, q *queries.Queries,
	users map[string]domain.User) error {
	for name, want := range users {
		got, err := rows.User(name)
		if err != nil {
			return err
		}
		if a, b := wire.AppendData(nil, &got), wire.AppendData(nil, &want); !bytes.Equal(a, b) {
			return fmt.Errorf("%w: row of %s: got\n%s\nwant the fold of the log\n%s", errWrongAnswer, name, a, b)
		}
		at := want.Clock.Add(time.Second)
		answer, err := q.Lockout(ctx, name, at, nil)
		if err != nil {
			return err
		}
		if want := want.At(at).Lockout(rows.Policy(), at); answer.Lockout != want {
			return fmt.Errorf("%w: %s at %v: got %+v, want %+v", errWrongAnswer, name, at, answer.Lockout, want)
		}
	}
	return nil
}

// errWrongAnswer reports a wrong answer, which no fault may cause.
var errWrongAnswer = errors.New("wrong answer")

// checkRebuilt compares the rows of a stopped ledger with rebuilt rows, key by key,
// and decides all commands again.
func checkRebuilt(ctx context.Context, d *node.Directory) error {
	head, err := eventstore.OpenHead(d.Options.Dir)
	if err != nil {
		return err
	}
	defer head.Close() // only read from
	fresh, err := d.Rows.OpenNext()
	if err != nil {
		return err
	}
	defer fresh.Close() // a temporary generation
	if _, err := audit.Verify(ctx, d.Manifest, d.Store, head.At(), fresh, nil); err != nil {
		return err
	}
	return compareRows(ctx, d.Rows, fresh)
}
