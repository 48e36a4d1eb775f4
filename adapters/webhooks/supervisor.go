package webhooks

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"time"

	"authledger/domain"
)

const (
	// rereadAfter is the pause after which a supervisor reads the list again that it could not
	// read.
	rereadAfter = time.Second

	// The first and the longest pause before the supervisor restarts a deliverer that
	// failed. Each pause is twice as long as the previous pause. After a deliverer has run
	// for longer than the longest pause, the supervisor uses the first pause again.
	restartPauseFirst = time.Second
	restartPauseMax   = time.Minute
)

// Metrics receives the counts of deliveries. Every method is safe for concurrent use.
type Metrics interface {
	Endpoint(name string)                           // a deliverer of the endpoint starts
	RemoveEndpoint(name string)                     // the deliverer ends; the endpoint's series are deleted
	Delivered(endpoint, state string, failures int) // see [Options.Observe]
}

// SupervisorOptions are the dependencies of a [Supervisor]. Every field is required.
type SupervisorOptions struct {
	Dir      string // the data directory
	LedgerID string
	Now      func() time.Time
	Log      *slog.Logger
	Metrics  Metrics

	// Endpoints returns the endpoints. Changed receives an element after each change of them.
	Endpoints func(ctx context.Context) ([]Endpoint, error)
	Changed   <-chan struct{}

	// SeqAt returns the sequence number of the newest record at an instant.
	SeqAt func(ctx context.Context, at time.Time) (uint64, error)
	// Record returns a record by its sequence number.
	Record func(ctx context.Context, seq uint64) (domain.Record, error)
	// Show returns a payload with the names of persons in place of their pseudonyms.
	Show func(payload []byte) []byte
	// Follow reads the recorded events after d.Finished() in order, until ctx ends or an
	// error occurs. For an event whose type d wants, it calls d.Handle. For any other event
	// it calls d.Skip.
	Follow func(ctx context.Context, d *Deliverer) error
}

// Supervisor runs one [Deliverer] for each endpoint of a data directory, each on its own
// goroutine, so that a failing endpoint does not delay the others.
type Supervisor struct {
	options SupervisorOptions
	workers map[string]*worker
}

// worker is the goroutine of one endpoint.
type worker struct {
	endpoint Endpoint
	stop     context.CancelFunc
	done     chan struct{}
}

// NewSupervisor returns a supervisor. Run starts it.
func NewSupervisor(o SupervisorOptions) *Supervisor {
	return &Supervisor{options: o, workers: make(map[string]*worker)}
}

// Run delivers until ctx ends, and applies each change of the endpoints at once. While the
// endpoints can't be read, the running deliverers continue. Run returns after every deliverer
// has ended.
func (s *Supervisor) Run(ctx context.Context) {
	defer func() {
		for _, w := range s.workers {
			<-w.done
		}
	}()
	for logged := ""; ; {
		cause, again := "", (<-chan time.Time)(nil)
		if err := s.apply(ctx); err != nil && ctx.Err() == nil {
			cause, again = err.Error(), time.After(rereadAfter)
		}
		if cause != "" && cause != logged {
			s.options.Log.Error("webhooks not read: deliveries continue with the former endpoints", "cause", cause)
		}
		logged = cause
		select {
		case <-s.options.Changed:
		case <-again:
		case <-ctx.Done():
			return
		}
	}
}

// apply stops and starts deliverers, and deletes the files of removed endpoints.
func (s *Supervisor) apply(ctx context.Context) error {
	list, err := s.options.Endpoints(ctx)
	if err != nil {
		return err
	}
	listed := make(map[string]Endpoint)
	for _, e := range list {
		listed[e.Name] = e
	}
	for name, w := range s.workers {
		if !reflect.DeepEqual(listed[name], w.endpoint) {
			w.stop()
			<-w.done
			delete(s.workers, name)
			s.options.Metrics.RemoveEndpoint(name)
		}
	}
	if err := s.deleteRemoved(listed); err != nil {
		return err
	}
	for name, e := range listed {
		if s.workers[name] == nil {
			s.workers[name] = s.start(ctx, e)
		}
	}
	return nil
}

// deleteRemoved deletes the files of endpoints that are not listed.
func (s *Supervisor) deleteRemoved(listed map[string]Endpoint) error {
	files, err := os.ReadDir(filepath.Join(s.options.Dir, dirName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("find the files of removed endpoints: %w", err)
	}
	for _, file := range files {
		name, isJournal := strings.CutSuffix(file.Name(), journalSuffix)
		if _, ok := listed[name]; isJournal && !ok {
			if err := deleteFiles(s.options.Dir, name); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Supervisor) start(ctx context.Context, e Endpoint) *worker {
	s.options.Metrics.Endpoint(e.Name)
	ctx, stop := context.WithCancel(ctx)
	w := &worker{endpoint: e, stop: stop, done: make(chan struct{})}
	go func() {
		defer close(w.done)
		defer stop()
		s.supervise(ctx, &w.endpoint)
	}()
	return w
}

// supervise runs the deliverer of an endpoint until ctx ends, and restarts it after an
// error.
func (s *Supervisor) supervise(ctx context.Context, e *Endpoint) {
	for pause := restartPauseFirst; ctx.Err() == nil; pause = min(2*pause, restartPauseMax) {
		begun := time.Now()
		err := s.run(ctx, e)
		if time.Since(begun) > restartPauseMax {
			pause = restartPauseFirst
		}
		if err != nil && !errors.Is(err, context.Canceled) {
			s.options.Log.Error("webhook deliveries stopped", "endpoint", e.Name, "cause", err, "retry_in", pause)
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		}
	}
}

// run opens the deliverer of an endpoint, and delivers events until ctx ends or an error
// occurs. A new endpoint receives the events that are recorded after it was added.
func (s *Supervisor) run(ctx context.Context, e *Endpoint) error {
	from, err := s.options.SeqAt(ctx, e.Made)
	if err != nil {
		return fmt.Errorf("find the record at which endpoint %s was added: %w", e.Name, err)
	}
	from = min(from, e.AddedAt) // an older version made the endpoint before a record added it
	d, err := OpenDeliverer(*e, domain.AfterRecord(from), Options{
		Dir: s.options.Dir, LedgerID: s.options.LedgerID, Now: s.options.Now, Log: s.options.Log, Record: s.options.Record,
		Show:    s.options.Show,
		Observe: func(state State, failures int) { s.options.Metrics.Delivered(e.Name, string(state), failures) },
	})
	if err != nil {
		return err
	}
	redriving, cancel := context.WithCancel(ctx)
	var redrives sync.WaitGroup
	redrives.Go(func() { d.Run(redriving) })
	err = s.options.Follow(ctx, d)
	cancel()
	redrives.Wait()
	return errors.Join(err, d.Close())
}
