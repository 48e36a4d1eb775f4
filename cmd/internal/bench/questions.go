package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"authledger/cmd/internal/render"
	"authledger/domain/access"
)

// questionsSize is the amount of work of a run of queries about past states.
type questionsSize struct {
	records     int           // records of the queried user
	withdrawals int           // withdrawals in the account of the explained record
	window      time.Duration // duration of each measurement of commands
	rounds      int           // alternations between measurements without and with queries
	asked       int           // queries of each concurrent caller
}

var (
	questionsFull  = questionsSize{records: 1_000_000, withdrawals: 60_000, window: 8 * time.Second, rounds: 4, asked: 200}
	questionsQuick = questionsSize{records: 20_000, withdrawals: 2_000, window: time.Second, rounds: 2, asked: 20}
)

// Goals and parameters of a run of queries.
const (
	askersPast       = 150 // concurrent callers that query past states
	askersWhy        = 20  // concurrent callers that request explanations
	askersFew        = 8   // concurrent callers that query past states while no command arrives
	goalCommands     = 1.2 // p50 of commands with queries, divided by p50 without queries
	goalPast         = 200 // ms, with askersFew concurrent callers
	questionsUser    = "busy"
	questionsAccount = "busy"
)

// questionsRun is a node with one long history, and callers that read it.
type questionsRun struct {
	*httpRun
	size     questionsSize
	support  string // token
	officer  string // token
	why      uint64 // sequence number of the newest withdrawal
	answered atomic.Int64
	refused  atomic.Int64
}

// RunQuestions measures the commands of one caller while other callers query past states and
// explanations over HTTP.
func RunQuestions(ctx context.Context, o Options) ([]Figure, error) {
	return inDirectory(o, func(r *run) error {
		q := &questionsRun{httpRun: &httpRun{run: r, size: httpFull}, size: questionsFull}
		if o.Quick {
			q.size = questionsQuick
		}
		q.tokens = []extraToken{{"support", access.Support, &q.support}, {"officer", access.Officer, &q.officer}}
		if err := q.start(ctx); err != nil {
			return err
		}
		err := inOrder(ctx, q.fill, q.askWhy, q.askFew, q.commandsWithQuestions)
		return errors.Join(err, q.httpRun.stop())
	})
}

// fill records the withdrawals of the account, and then the logins of the user.
func (q *questionsRun) fill(ctx context.Context) error {
	device := fmt.Sprintf(`{"user":%q,"device":"d1","class":"gold","method":"portal"}`, questionsUser)
	if err := q.post(ctx, structuredMany, q.batch(0, 1, "device.activate", func(int) string { return device })); err != nil {
		return err
	}
	withdrawal := func(i int) string {
		return fmt.Sprintf(`{"withdrawal":"w%d","account":%q,"user":%q,"device":"d1","amount":"1.00","currency":"USD"}`, i, questionsAccount, questionsUser)
	}
	report := func(int) string { return fmt.Sprintf(`{"user":%q,"outcome":"succeeded"}`, questionsUser) }
	if err := q.fillWith(ctx, q.size.withdrawals, "withdrawal.request", withdrawal); err != nil {
		return err
	}
	var err error
	if q.why, err = q.position(ctx); err != nil {
		return err
	}
	return q.fillWith(ctx, q.size.records, "login.report", report)
}

func (q *questionsRun) fillWith(ctx context.Context, count int, kind string, data func(i int) string) error {
	const batchMax = 1000 // commands of a batch
	for from := 0; from < count; from += batchMax {
		if err := q.post(ctx, structuredMany, q.batch(from, min(batchMax, count-from), kind, data)); err != nil {
			return err
		}
	}
	return nil
}

// batch returns a batch of commands of a type. data returns the data of each command
// by its number.
func (q *questionsRun) batch(from, count int, kind string, data func(i int) string) []byte {
	body, now := []byte{'['}, q.Now().UTC().Format(time.RFC3339Nano)
	for i := from; i < from+count; i++ {
		if i > from {
			body = append(body, ',')
		}
		body = fmt.Appendf(body, `{"specversion":"1.0","id":"%s-%d","source":%q,"type":%q,"time":%q,"data":%s}`, kind, i, gatewaySource, kind, now, data(i))
	}
	return append(body, ']')
}

// ask sends one request and returns the length of the response in bytes.
func (q *questionsRun) ask(ctx context.Context, token, path string) (bytes int64, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, q.url+path, nil)
	if err != nil {
		return 0, err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	answer, err := q.client.Do(request)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close() // the error loses nothing, because the body was only read
	bytes, err = io.Copy(io.Discard, answer.Body)
	switch {
	case err != nil:
	case answer.StatusCode == http.StatusOK:
		q.answered.Add(1)
	case answer.StatusCode == http.StatusServiceUnavailable:
		q.refused.Add(1)
	default:
		err = errors.New(path + ": " + answer.Status)
	}
	return bytes, err
}

func (q *questionsRun) whyPath() string { return fmt.Sprintf("/v1/records/%d/why", q.why) }

// pastPath returns the path of the user's lockout state as of a random record.
func (q *questionsRun) pastPath() string {
	return fmt.Sprintf("/v1/users/%s/lockout?asOf=%d", questionsUser, q.why+1+rand.Uint64N(uint64(q.size.records)))
}

// askWhy measures explanations, one after the other.
func (q *questionsRun) askWhy(ctx context.Context) error {
	var took []time.Duration
	var bytes int64
	for range q.size.asked {
		sent := time.Now()
		n, err := q.ask(ctx, q.officer, q.whyPath())
		if err != nil {
			return err
		}
		took, bytes = append(took, time.Since(sent)), n
	}
	what := "explanation of a withdrawal, account with " + render.Grouped(int64(q.size.withdrawals)) + " withdrawals"
	q.found(milliseconds(percentile(took, 50)), "ms", "%s, p50", what)
	q.found(float64(bytes), "bytes", "%s, length of the first page", what)
	return nil
}

// askFew measures the queries of a few concurrent callers about past states.
func (q *questionsRun) askFew(ctx context.Context) error {
	took := make([]time.Duration, askersFew*q.size.asked)
	errs := make([]error, askersFew)
	var group sync.WaitGroup
	for caller := range askersFew {
		group.Go(func() {
			for i := range q.size.asked {
				sent := time.Now()
				if _, err := q.ask(ctx, q.support, q.pastPath()); err != nil {
					errs[caller] = err
					return
				}
				took[caller*q.size.asked+i] = time.Since(sent)
			}
		})
	}
	group.Wait()
	what := fmt.Sprintf("past lockout state of a user with %[2]s records, %[1]d concurrent callers", askersFew, render.Grouped(int64(q.size.records)))
	q.found(milliseconds(percentile(took, 50)), "ms", "%s, p50", what)
	q.found(milliseconds(percentile(took, 100)), "ms", "%s, slowest", what)
	q.atMost(goalPast)
	return errors.Join(errs...)
}

// commandsWithQuestions measures the commands of one caller, alternating between measurements
// without and with the queries of other callers.
func (q *questionsRun) commandsWithQuestions(ctx context.Context) error {
	took := map[bool][]time.Duration{}
	q.answered.Store(0)
	for range q.size.rounds {
		for _, clients := range []bool{false, true} {
			stop := func() error { return nil }
			if clients {
				stop = q.askAll(ctx)
			}
			all, err := q.commandsFor(ctx, q.size.window, len(took[false])+len(took[true]))
			if err := errors.Join(err, stop()); err != nil {
				return err
			}
			took[clients] = append(took[clients], all...)
		}
	}
	without, with := percentile(took[false], 50), percentile(took[true], 50)
	q.found(milliseconds(without), "ms", "one command at a time, p50")
	q.found(milliseconds(with), "ms", "one command at a time while %d callers query past states and %d explanations, p50", askersPast, askersWhy)
	q.found(float64(with)/float64(without), "×", "p50 with these queries, divided by p50 without")
	q.atMost(goalCommands)
	q.found(milliseconds(percentile(took[true], 99)), "ms", "one command at a time with these queries, p99")
	seconds := q.size.window.Seconds() * float64(q.size.rounds)
	q.found(float64(q.answered.Load())/seconds, "queries/s", "queries that the node answered in this time")
	q.found(float64(q.refused.Load())/seconds, "queries/s", "queries that the node answered with 503 in this time")
	return nil
}

// askAll starts all callers. The returned function stops them and waits for their
// end.
func (q *questionsRun) askAll(ctx context.Context) (stop func() error) {
	ctx, cancel := context.WithCancel(ctx)
	var group sync.WaitGroup
	var failed atomic.Pointer[error]
	loop := func(token string, path func() string) {
		group.Go(func() {
			for ctx.Err() == nil {
				if _, err := q.ask(ctx, token, path()); err != nil && ctx.Err() == nil {
					failed.Store(&err)
					return
				}
			}
		})
	}
	for range askersPast {
		loop(q.support, q.pastPath)
	}
	for range askersWhy {
		loop(q.officer, q.whyPath)
	}
	return func() error {
		cancel()
		group.Wait()
		if err := failed.Load(); err != nil {
			return *err
		}
		return nil
	}
}

// commandsFor sends one command after another for a duration, and returns the
// latencies.
func (q *questionsRun) commandsFor(ctx context.Context, window time.Duration, sent int) (took []time.Duration, err error) {
	for begun := time.Now(); time.Since(begun) < window; sent++ {
		body := q.batch(q.size.records+sent, 1, "login.report", func(i int) string {
			return fmt.Sprintf(`{"user":"u%d","outcome":"succeeded"}`, i%100)
		})
		at := time.Now()
		if err := q.post(ctx, structuredMany, body); err != nil {
			return nil, err
		}
		took = append(took, time.Since(at))
	}
	return took, nil
}
