package bench

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"authledger/cmd/internal/loadgen"
	"authledger/cmd/internal/node"
	"authledger/cmd/internal/render"
	"authledger/domain"
	"authledger/eventstore"
)

// goalPostgres is the goal of the rate of the import, divided by the best rate of PostgreSQL.
const goalPostgres = 7

// postgresClients lists the numbers of concurrent clients.
var postgresClients = []int{1, 16, 32}

// postgresSize is the amount of work of a comparison with PostgreSQL.
type postgresSize struct {
	pairs    int // logins of each client, of two commands each
	imported int // logins of the import
	users    int
}

var (
	postgresFull  = postgresSize{pairs: 1_000, imported: 250_000, users: 40_000}
	postgresQuick = postgresSize{pairs: 100, imported: 10_000, users: 4_000}
)

// postgresPlatform is the platform of all begun logins.
const postgresPlatform = "client_portal"

// RunPostgres compares a node with a PostgreSQL server that decides the same commands in one SQL
// function. It creates a schema on the server and deletes it at the end. dsn may contain a
// password; neither an error nor a figure contains dsn.
func RunPostgres(dsn string) func(context.Context, Options) ([]Figure, error) {
	return func(ctx context.Context, o Options) ([]Figure, error) {
		return inDirectory(o, func(r *run) error {
			p := postgresRun{run: r, size: postgresFull}
			if o.Quick {
				p.size = postgresQuick
			}
			return p.compare(ctx, dsn)
		})
	}
}

// postgresRun is the state of a comparison.
type postgresRun struct {
	*run
	size    postgresSize
	scratch *scratch
	next    func() (domain.Command, bool) // reports of logins, without end
	logins  int                           // begun so far
}

func (p *postgresRun) compare(ctx context.Context, dsn string) (err error) {
	p.scratch, err = createScratch(ctx, dsn, domain.IBKRSLS())
	if err != nil {
		return fmt.Errorf("compare with PostgreSQL: %w", err)
	}
	defer func() { err = errors.Join(err, p.scratch.drop(ctx)) }()
	next, stop := iter.Pull(loadgen.Logins(seed, p.size.users, p.Now().UTC()))
	defer stop()
	p.next = next
	best, err := p.live(ctx)
	if err != nil {
		return err
	}
	if err := p.overHTTP(ctx, best); err != nil {
		return err
	}
	return p.imported(ctx, best)
}

// live measures each number of clients, first with the ledger and then with PostgreSQL. It returns
// the best rate of PostgreSQL.
func (p *postgresRun) live(ctx context.Context) (best float64, err error) {
	n, err := node.Open(ctx, p.options(dirLive))
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, n.Close()) }()
	decided := 0
	for _, clients := range postgresClients {
		logins := p.generate(clients*p.size.pairs, p.Now().UTC(), false)
		ours, err := rateOf(len(logins), clients, func(i int) error {
			return doInLedger(ctx, n.Ledger, logins[i])
		})
		if err != nil {
			return 0, err
		}
		theirs, err := p.rateInSQL(ctx, logins, clients)
		if err != nil {
			return 0, err
		}
		decided += 2 * len(logins)
		ours, theirs, best = 2*ours, 2*theirs, max(best, 2*theirs)
		p.found(ours, "commands/s", "ledger, begun and finished logins, clients: %d", clients)
		p.found(theirs, "commands/s", "PostgreSQL %s, the same commands, clients: %d", p.scratch.server, clients)
		p.found(ours/theirs, "×", "rate of the ledger, divided by that of PostgreSQL, clients: %d", clients)
	}
	return best, p.checkRows(ctx, decided)
}

// generate returns the next logins, each with its beginning and its end.
func (p *postgresRun) generate(count int, at time.Time, backfill bool) [][2]domain.Command {
	logins := make([][2]domain.Command, count)
	for i := range logins {
		reported, _ := p.next() // the sequence has no end
		report := reported.Data.(*domain.LoginReport)
		p.logins++
		attempt := "attempt-" + strconv.Itoa(p.logins)
		begin := &domain.LoginBegin{User: report.User, Attempt: attempt, Platform: postgresPlatform, IP: report.IP}
		finish := &domain.LoginFinish{User: report.User, Attempt: attempt, Outcome: report.Outcome,
			Reason: report.Reason}
		for j, data := range []domain.CommandData{begin, finish} {
			logins[i][j] = domain.Command{Source: reported.Source, ID: strconv.Itoa(2*p.logins + j), Time: at,
				Caller: reported.Caller, Backfill: backfill, Data: data}
		}
	}
	return logins
}

func doInLedger(ctx context.Context, l *eventstore.Ledger, login [2]domain.Command) error {
	for _, c := range login {
		v, err := l.Do(ctx, c)
		if err := errors.Join(err, notInvalid(&v)); err != nil {
			return err
		}
	}
	return nil
}

// rateInSQL returns the logins a second of clients that have one connection each.
func (p *postgresRun) rateInSQL(ctx context.Context, logins [][2]domain.Command,
	clients int) (rate float64, err error) {
	idle := make(chan *pgx.Conn, clients)
	defer func() {
		close(idle)
		for conn := range idle {
			err = errors.Join(err, conn.Close(context.WithoutCancel(ctx)))
		}
	}()
	for range clients {
		conn, err := p.scratch.connect(ctx)
		if err != nil {
			return 0, err
		}
		idle <- conn
	}
	return rateOf(len(logins), clients, func(i int) error {
		conn := <-idle
		defer func() { idle <- conn }()
		return doInSQL(ctx, conn, &logins[i])
	})
}

func doInSQL(ctx context.Context, conn *pgx.Conn, login *[2]domain.Command) error {
	for i := range login {
		v, err := decideInSQL(ctx, conn, &login[i])
		if err != nil {
			return err
		}
		if v.Status == string(domain.Invalid) {
			return fmt.Errorf("command %s is invalid in SQL: %s", login[i].ID, v.Refusal)
		}
	}
	return nil
}

// checkRows returns an error unless PostgreSQL has recorded each command.
func (p *postgresRun) checkRows(ctx context.Context, want int) error {
	return p.scratch.alone(ctx, func(conn *pgx.Conn) error {
		var rows int
		if err := conn.QueryRow(ctx, "SELECT count(*) FROM ledger").Scan(&rows); err != nil {
			return err
		}
		if rows != want {
			return fmt.Errorf("PostgreSQL recorded %d commands, want %d", rows, want)
		}
		return nil
	})
}

// imported measures an import of logins, and compares it with the best rate of PostgreSQL.
func (p *postgresRun) imported(ctx context.Context, best float64) error {
	at := p.Now().UTC().Add(-24 * time.Hour)
	logins := slices.Values(p.generate(p.size.imported, at, true))
	next, stop := iter.Pull(func(yield func(domain.Command) bool) {
		for login := range logins {
			if !yield(login[0]) || !yield(login[1]) {
				return
			}
		}
	})
	defer stop()
	lines := 2 * p.size.imported
	if err := p.writeLines(next, lines); err != nil {
		return err
	}
	rate, err := p.importOnce(ctx, dirMain, lines)
	if err != nil {
		return err
	}
	p.found(rate, "commands/s", "import of %s begun and finished logins", render.Grouped(int64(p.size.imported)))
	p.found(rate/best, "×", "rate of the import, divided by the best of PostgreSQL at %s clients",
		numbers(postgresClients))
	p.atLeast(goalPostgres)
	return nil
}
