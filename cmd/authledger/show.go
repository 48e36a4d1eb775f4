package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"authledger/domain"
	"authledger/eventstore/wire"
	"authledger/projections"
)

func newShowCommand(p *program) *cobra.Command {
	return newGroupCommand("show", "what the ledger says of a user, of all locked users, of sources",
		newShowLockoutCommand(p),
		newShowLockoutsCommand(p),
		newShowTimelineCommand(p),
		newShowAttemptsCommand(p),
	)
}

func newShowLockoutCommand(p *program) *cobra.Command {
	var w when
	c := &cobra.Command{
		Use: "lockout USER", Short: "is this user locked, until when, and how many attempts are left",
		Args: oneArgument("user name"),
		RunE: func(c *cobra.Command, args []string) error {
			return p.ask(c.Context(), w, func(ctx context.Context, n *node, m moment) error {
				if err := wantUser(n, args[0]); err != nil {
					return err
				}
				l, err := n.rows.Lockout(ctx, n.ledger, args[0], m.at, m.asOf)
				if err != nil {
					return err
				}
				return p.showLockout(l)
			})
		},
	}
	w.register(c.Flags())
	return c
}

func newShowLockoutsCommand(p *program) *cobra.Command {
	var w when
	var list page
	c := &cobra.Command{
		Use: "lockouts", Short: "the users that are locked, by name",
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := list.check(); err != nil {
				return err
			}
			return p.ask(c.Context(), w, func(ctx context.Context, n *node, m moment) error {
				found, err := n.rows.Lockouts(ctx, n.ledger, m.at, m.asOf, list.limit, list.after)
				if err != nil {
					return err
				}
				return p.showLockouts(found)
			})
		},
	}
	w.register(c.Flags())
	list.register(c.Flags(), "`USER` after whom to begin")
	return c
}

func newShowTimelineCommand(p *program) *cobra.Command {
	var w when
	var list page
	c := &cobra.Command{
		Use: "timeline USER", Short: "the records of a user, oldest first",
		Args: oneArgument("user name"),
		RunE: func(c *cobra.Command, args []string) error {
			if err := list.check(); err != nil {
				return err
			}
			after, err := list.afterSeq()
			if err != nil {
				return err
			}
			return p.ask(c.Context(), w, func(ctx context.Context, n *node, m moment) error {
				if err := wantUser(n, args[0]); err != nil {
					return err
				}
				t, err := readTimeline(ctx, n, args[0], w, m, after, list.limit)
				if err != nil {
					return err
				}
				return p.showTimeline(t)
			})
		},
	}
	w.register(c.Flags())
	list.register(c.Flags(), "`SEQ` of the record after which to begin")
	return c
}

func newShowAttemptsCommand(p *program) *cobra.Command {
	var list page
	var buckets bool
	c := &cobra.Command{
		Use: "attempts", Short: "how the attempts of each source ended",
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := list.check(); err != nil {
				return err
			}
			return p.withLedger(c.Context(), func(n *node) error {
				found, asOf, err := n.rows.Attempts(c.Context(), buckets, list.after, list.limit)
				if err != nil {
					return err
				}
				return p.showAttempts(newAttemptsAnswer(found, len(found) == list.limit, asOf))
			})
		},
	}
	c.Flags().BoolVar(&buckets, "buckets", false, "of the attempts that are nobody's, by bucket of client addresses")
	list.register(c.Flags(), "`SOURCE` after which to begin")
	return c
}

// when is the instant and the position that a question is about, as asked.
type when struct{ at, asOf string }

func (w *when) register(f flagSet) {
	f.StringVar(&w.at, "at", "", "`TIME` at which the answer holds, RFC 3339 (default now)")
	f.StringVar(&w.asOf, "as-of", "", "`SEQ or TIME`: answer from the log up to there (default all of it)")
}

// moment is when, understood.
type moment struct {
	at   time.Time
	asOf *uint64 // nil: the whole log
}

// ask opens the ledger for a question about a moment.
func (p *program) ask(ctx context.Context, w when, question func(context.Context, *node, moment) error) error {
	m := moment{at: p.now()}
	if w.at != "" {
		at, err := wire.ParseTime([]byte(w.at))
		if err != nil {
			return usagef("--at %q: %w", w.at, err)
		}
		m.at = at
	}
	seq, asOf, err := w.position()
	if err != nil {
		return err
	}
	return p.withLedger(ctx, func(n *node) error {
		if !asOf.IsZero() {
			if seq, err = n.rows.SeqAt(ctx, asOf); err != nil {
				return err
			}
		}
		if w.asOf != "" {
			m.asOf = &seq
		}
		return question(ctx, n, m)
	})
}

// position is --as-of: a record, or else an instant.
func (w *when) position() (seq uint64, at time.Time, err error) {
	if w.asOf == "" {
		return 0, at, nil
	}
	if seq, err := strconv.ParseUint(w.asOf, 10, 63); err == nil {
		return seq, at, nil
	}
	if at, err = wire.ParseTime([]byte(w.asOf)); err != nil {
		return 0, at, usagef("--as-of %q: want the number of a record, or a time: %w", w.asOf, err)
	}
	return 0, at, nil
}

// listDefault is how many a list shows unless asked for more.
const listDefault = 100

// page is a part of a list.
type page struct {
	limit int
	after string
}

func (l *page) register(f flagSet, after string) {
	f.IntVar(&l.limit, "limit", listDefault, fmt.Sprintf("at most so many, up to %d", projections.ListMax))
	f.StringVar(&l.after, "after", "", after)
}

func (l *page) check() error {
	if l.limit < 1 || l.limit > projections.ListMax {
		return usagef("--limit %d: want 1 to %d", l.limit, projections.ListMax)
	}
	return nil
}

func (l *page) afterSeq() (uint64, error) {
	if l.after == "" {
		return 0, nil
	}
	seq, err := strconv.ParseUint(l.after, 10, 63)
	if err != nil {
		return 0, usagef("--after %q: want the number of a record", l.after)
	}
	return seq, nil
}

// wantUser refuses a name that no user can have. One that nobody has gets the
// zero answer.
func wantUser(n *node, name string) error {
	policy := n.rows.Policy()
	if bad := policy.BadName(name); bad != nil {
		return usagef("user %q: %v in names like %s (policy %s)", name, bad, policy.UsernamePattern, policy.Version)
	}
	return nil
}

// timeline is some of the records of an entity.
type timeline struct {
	entity  domain.Entity
	records []domain.Record
	more    bool
	asOf    projections.AsOf
}

func readTimeline(ctx context.Context, n *node, user string, w when, m moment, after uint64, limit int) (timeline, error) {
	t := timeline{entity: domain.UserEntity(user)}
	seqs, end, err := n.rows.Timeline(ctx, t.entity, after, limit)
	if err != nil {
		return t, err
	}
	t.asOf, t.more = end, len(seqs) == limit
	if m.asOf != nil {
		// The time of a position in the past comes with any answer as of there.
		l, err := n.rows.Lockout(ctx, n.ledger, user, m.at, m.asOf)
		if err != nil {
			return t, err
		}
		t.asOf = l.AsOf
	}
	for _, seq := range seqs {
		if seq > t.asOf.Seq {
			t.more = false
			break
		}
		r, err := n.ledger.Record(ctx, seq)
		if err != nil {
			return t, fmt.Errorf("timeline of %s: %w", user, err)
		}
		if w.at != "" && r.Time.After(m.at) {
			t.more = false
			break
		}
		t.records = append(t.records, r)
	}
	return t, nil
}
