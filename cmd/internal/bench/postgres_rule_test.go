//go:build postgres

package bench

import (
	"errors"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"authledger/domain"
)

// dsnVariable names the environment variable with the DSN of a PostgreSQL server.
const dsnVariable = "POSTGRES_DSN"

// TestPostgresRule checks that the SQL function decides a random history of logins as the rules do,
// with repeated ids, late commands and expired lockouts, under policies that differ in the rule.
func TestPostgresRule(t *testing.T) {
	dsn := os.Getenv(dsnVariable)
	if dsn == "" {
		t.Skipf("NOT RUN: %s is not set", dsnVariable)
	}
	extending := domain.IBKRSLS()
	extending.Version, extending.RefusalsExtend, extending.Failures = "extending@1", true, 3
	policies := []*domain.Policy{domain.IBKRSLS(), extending.Compiled(), domain.DISASTIG(),
		domain.WindowsDefault()}
	for i, p := range policies {
		t.Run(p.Version, func(t *testing.T) {
			s, err := createScratch(t.Context(), dsn, p)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := s.drop(t.Context()); err != nil {
					t.Error(err)
				}
			})
			err = s.alone(t.Context(), func(conn *pgx.Conn) error {
				return compareHistory(t, conn, p, uint64(i))
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}

// compareHistory decides 3,000 commands in both implementations, in one transaction that it rolls back.
func compareHistory(t *testing.T, conn *pgx.Conn, p *domain.Policy, seed uint64) error {
	tx, err := conn.Begin(t.Context())
	if err != nil {
		return err
	}
	h := history{states: domain.NewFolded(p), chance: rand.New(rand.NewPCG(seed, 1)),
		now:      time.Date(2026, 3, 2, 15, 0, 0, 0, time.UTC),
		recorded: map[string]sqlVerdict{}, seen: map[string]int{}}
	for range 3_000 {
		c, want := h.next(t)
		got, err := decideInSQL(t.Context(), tx, &c)
		if err != nil {
			return errors.Join(err, tx.Rollback(t.Context()))
		}
		got.Seq = 0
		if len(got.Abandoned) == 0 {
			got.Abandoned = nil
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("command %s %+v: SQL differs from the rules (-rules +SQL):\n%s", c.ID, c.Data, diff)
		}
	}
	for _, kind := range []string{"login.started", "login.failed", "login.succeeded", "locked_out",
		"attempt_open", "attempts_in_flight", "attempt_expired", "lockout.started", "abandoned", "repeated",
		"id_reused"} {
		if h.seen[kind] == 0 {
			t.Errorf("got no command with %s in the history, want at least one", kind)
		}
	}
	return tx.Rollback(t.Context())
}

// history generates commands and decides them with the rules.
type history struct {
	states   *domain.Folded
	chance   *rand.Rand
	now      time.Time
	count    int
	previous domain.Command
	recorded map[string]sqlVerdict // by id
	seen     map[string]int
}

// next returns the next command and the verdict of the rules.
func (h *history) next(t *testing.T) (domain.Command, sqlVerdict) {
	switch draw := h.chance.IntN(50); {
	case h.count > 0 && draw == 0:
		h.seen["repeated"]++
		return h.previous, h.recorded[h.previous.ID]
	case h.count > 0 && draw == 1:
		h.seen["id_reused"]++
		c, v := h.previous, h.recorded[h.previous.ID]
		c.Time = c.Time.Add(time.Nanosecond)
		v.Status, v.Refusal = "invalid", "id_reused"
		return c, v
	}
	h.count++
	h.now = h.now.Add(h.step())
	c := domain.Command{Source: "test", ID: strconv.Itoa(h.count), Time: h.now, Caller: "test", Data: h.data()}
	if h.chance.IntN(10) == 0 {
		c.Time = c.Time.Add(-time.Duration(h.chance.Int64N(int64(time.Hour)))) // late
	}
	h.previous, h.recorded[c.ID] = c, h.decide(t, c)
	return c, h.recorded[c.ID]
}

// step returns short intervals mostly, so that attempts are open together, and rarely days.
func (h *history) step() time.Duration {
	if h.chance.IntN(100) == 0 {
		return time.Duration(h.chance.Int64N(int64(36 * time.Hour)))
	}
	return time.Duration(h.chance.Int64N(int64(5 * time.Second)))
}

func (h *history) data() domain.CommandData {
	user := "user" + strconv.Itoa(h.chance.IntN(5))
	attempt := "a" + strconv.Itoa(h.chance.IntN(14))
	outcome, reason := domain.Failed, []string{"bad_credentials", "bad_code", "cancelled"}[h.chance.IntN(3)]
	if h.chance.IntN(4) == 0 {
		outcome, reason = domain.Succeeded, ""
	}
	switch h.chance.IntN(4) {
	case 0:
		return &domain.LoginReport{User: user, Outcome: outcome, Reason: reason, IP: benchAddress}
	case 1:
		return &domain.LoginFinish{User: user, Attempt: attempt, Outcome: outcome, Reason: reason}
	}
	return &domain.LoginBegin{User: user, Attempt: attempt, Platform: postgresPlatform, IP: benchAddress}
}

// decide decides and folds a command, and returns the verdict in the form of the SQL function.
func (h *history) decide(t *testing.T, c domain.Command) (v sqlVerdict) {
	d, err := domain.Decide(h.states, &c)
	if err != nil || d.Status == domain.Invalid {
		t.Fatalf("command %+v: got %s %s %s and error %v", c.Data, d.Status, d.Reason, d.Detail, err)
	}
	record := domain.Record{Seq: uint64(h.count), Command: c, Entities: d.Entities, Time: d.Time,
		Late: d.Late, Policy: d.Policy, Status: d.Status, Reason: d.Reason, Detail: d.Detail,
		Result: d.Result, Events: d.Events}
	if _, err := h.states.Take(&record); err != nil {
		t.Fatal(err)
	}
	result := d.Result.(*domain.LoginResult)
	v = sqlVerdict{Status: string(d.Status), Refusal: string(d.Reason), Held: result.Locked,
		Remaining: result.Remaining, Until: nanoseconds(result.Until), Retry: nanoseconds(result.RetryAfter)}
	for _, e := range d.Events {
		h.add(&v, e.Data)
	}
	h.seen[v.Event]++
	h.seen[v.Refusal]++
	h.seen[v.Lockout]++
	return v
}

// add adds an event to a verdict.
func (h *history) add(v *sqlVerdict, event domain.EventData) {
	switch e := event.(type) {
	case *domain.LockoutExpired:
		v.Expired = true
	case *domain.LoginAbandoned:
		v.Abandoned = append(v.Abandoned, e.Attempt)
		h.seen["abandoned"]++
	case *domain.LockoutStarted, *domain.LockoutExtended:
		v.Lockout = event.EventType()
	case *domain.LoginFailed:
		v.Event, v.Failures = event.EventType(), e.Failures
	default:
		v.Event = event.EventType()
	}
}

func nanoseconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}
