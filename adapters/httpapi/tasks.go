package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"time"

	"authledger/adapters/httpapi/apidoc"
	"authledger/domain"
	"authledger/domain/access"
	"authledger/domain/problems"
	"authledger/eventstore"
	"authledger/eventstore/wire"
)

// Bounds of tasks.
const (
	policyBytesMax = 64 << 10
	reportEvery    = time.Second // interval of the lines with the progress
)

// Tasks are long computations, which a node runs beside its traffic. A method calls progress with a
// position of the log and its end. Each method returns a result for JSON.
type Tasks interface {
	Verify(ctx context.Context, progress func(at, last uint64)) (Verified, error)
	Rebuild(ctx context.Context, progress func(at, last uint64)) (any, error)

	// RotateKeys changes to the next master key of the node, and returns after all keys are wrapped
	// by it. It does not wait for ctx: a rotation that has begun is completed.
	RotateKeys(ctx context.Context) (any, error)

	// WhatIf decides the records from from to to again under a policy; to 0 means the end of
	// the log. It calls differs with each verdict that differs, in the form for JSON.
	WhatIf(ctx context.Context, policy *domain.Policy, from, to uint64, differs func(any) error, progress func(at, last uint64)) (any, error)
}

// TaskLine is one line of the answer to a task, with one member. The last line has the member
// done or the member problem; without it the answer is incomplete.
type TaskLine struct {
	Progress   *TaskProgress `json:"progress,omitempty"`
	Difference any           `json:"difference,omitempty"`
	Done       any           `json:"done,omitempty"`
	Problem    *TaskProblem  `json:"problem,omitempty"`
}

// TaskProgress is the position of a task in the log, as stream positions.
type TaskProgress struct {
	At   uint64 `json:"at"`
	Last uint64 `json:"last"`
}

// TaskProblem is the error that ended a task.
type TaskProblem struct {
	Detail string     `json:"detail"`
	Fault  *TaskFault `json:"fault,omitempty"` // the log or the projections are not intact
}

// TaskFault is the position of a fault: 0 if unknown.
type TaskFault struct {
	Stream uint64 `json:"stream"`
	Seq    uint64 `json:"seq"`
}

const taskTag = apidoc.TaskTag

var taskRoutes = []route{
	{method: "POST", path: "/v1/verify", right: access.Verify, serve: (*Server).verify, tag: taskTag, id: "verify", answer: "TaskLine",
		summary: "Verify the log, verdicts and projections"},
	{method: "POST", path: "/v1/rebuild", right: access.Rebuild, serve: (*Server).rebuild, tag: taskTag, id: "rebuild", answer: "TaskLine",
		summary: "Rebuild the projections for the next start"},
	{method: "POST", path: "/v1/keys/rotate", right: access.RotateKeys, serve: (*Server).rotateKeys, tag: taskTag, id: "rotateKeys", answer: "TaskLine",
		summary: "Change the master key of the personal data"},
	{method: "POST", path: "/v1/policy/what-if", right: access.WhatIf, serve: (*Server).whatIf, tag: taskTag, id: "whatIf", answer: "TaskLine",
		summary: "List verdicts that another policy would change"},
}

var noTasks = &problem{status: http.StatusNotFound, kind: notFound, detail: "this node runs no tasks"}

var taskRuns = &problem{status: http.StatusTooManyRequests, kind: tooManyRequests, retryAfter: retryFault,
	detail: "another task runs: retry after it has ended"}

// ServeTasks starts to serve the routes of tasks. It MUST be called before [Server.Open].
func (s *Server) ServeTasks(t Tasks) { s.tasks = t }

func (s *Server) verify(c *call, w *answer, r *http.Request) error {
	return s.runTask(c, w, r, func(ctx context.Context, t *taskReport) (any, error) {
		return s.runVerification(ctx, c.caller, t.progress)
	})
}

func (s *Server) rebuild(c *call, w *answer, r *http.Request) error {
	return s.runTask(c, w, r, func(ctx context.Context, t *taskReport) (any, error) { return s.tasks.Rebuild(ctx, t.progress) })
}

// rotateKeys takes no key from the caller: the node reads the next master key from its own machine.
func (s *Server) rotateKeys(c *call, w *answer, r *http.Request) error {
	return s.runTask(c, w, r, func(ctx context.Context, _ *taskReport) (any, error) { return s.tasks.RotateKeys(ctx) })
}

// whatIf reads a policy document from the body, and the records from the parameters from and to.
func (s *Server) whatIf(c *call, w *answer, r *http.Request) error {
	if len(r.Header.Values(contentTypeHeader)) > 0 && !isPlainJSON(mediaType(r.Header)) {
		return c.wantJSON(r, jsonType)
	}
	text, err := readBodyWithin(w, r, policyBytesMax, commandBodyWithin)
	if err != nil {
		return err
	}
	c.hasUnreadBody = false
	if err := c.requireBody(r, text); err != nil {
		return err
	}
	policy := new(domain.Policy)
	if wrong := wire.ReadData(text, policy); wrong != nil {
		return bad("policy: %s: %s", wrong.Field, wrong.Detail)
	}
	values := r.URL.Query()
	from, err := recordNumber("from", values.Get("from"))
	if err != nil {
		return err
	}
	to, err := recordNumber("to", values.Get("to"))
	if err != nil {
		return err
	}
	return s.runTask(c, w, r, func(ctx context.Context, t *taskReport) (any, error) {
		return s.tasks.WhatIf(ctx, policy.Compiled(), max(from, 1), to, t.difference, t.progress)
	})
}

// runTask runs one task at a time, and answers with lines: progress, differences, and the result
// or the problem. The task ends when its client disconnects or the node stops.
func (s *Server) runTask(c *call, w *answer, r *http.Request, run func(context.Context, *taskReport) (any, error)) error {
	if s.tasks == nil {
		return noTasks
	}
	// net/http waits for the end of the body before it sends the answer, and the task has no read
	// deadline. So an incomplete body would hold the slot of tasks.
	if _, err := readBodyWithin(w, r, policyBytesMax, commandBodyWithin); err != nil {
		return err
	}
	c.hasUnreadBody = false
	if !s.taskSlot.TryLock() {
		return taskRuns
	}
	release := sync.OnceFunc(s.taskSlot.Unlock)
	defer release()
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(s.draining, cancel)()
	out := lines{to: http.NewResponseController(w), w: w, within: s.writeWithin}
	if err := deadlineError(out.to.SetReadDeadline(time.Time{})); err != nil { // a deadline would end the task
		return err
	}
	w.Header().Set("Content-Type", "application/jsonl")
	report := &taskReport{out: out, cancel: cancel}
	stop := report.start(ctx)
	ended := s.startTask(c.caller.Name, c.route.id)
	result, err := run(ctx, report)
	stop()
	ended(ctx, err)
	release() // a client that has read the last line can start the next task
	last := TaskLine{Done: result}
	if err != nil {
		last = TaskLine{Problem: s.problemOfTask(err)}
	}
	_ = report.write(last) // a client that disconnected or does not read has no last line, and detects that
	return nil
}

// startTask logs that a caller starts a task. The function ended logs the result of the task; ctx is the
// context in which the task ran.
func (s *Server) startTask(caller, task string) (ended func(ctx context.Context, err error)) {
	s.options.Log.Info("a caller starts a task", "caller", caller, "task", task)
	return func(ctx context.Context, err error) {
		log := s.options.Log.With("caller", caller, "task", task)
		switch {
		case err == nil:
			log.Info("a task has ended", "result", "done")
		case errors.As(err, new(*eventstore.Fault)):
			log.Error("a task has ended", "result", "fault", "cause", problems.Causes(err))
		case ctx.Err() != nil, errors.Is(err, context.Canceled):
			log.Info("a task has ended", "result", "stopped")
		default:
			log.Error("a task has ended", "result", "failed", "cause", problems.Causes(err))
		}
	}
}

func (s *Server) problemOfTask(err error) *TaskProblem {
	if errors.Is(err, context.Canceled) && s.draining.Err() != nil {
		return &TaskProblem{Detail: "the node is stopping: run the task again after its next start"}
	}
	p := &TaskProblem{Detail: err.Error()}
	if fault := (*eventstore.Fault)(nil); errors.As(err, &fault) {
		p.Detail, p.Fault = fault.Err.Error(), &TaskFault{fault.Stream, fault.Seq}
	}
	return p
}

// taskReport writes the lines of a task. It is safe for concurrent use.
type taskReport struct {
	cancel context.CancelFunc

	mu       sync.Mutex
	out      lines
	at, last uint64
}

// start writes the progress at intervals until stop returns.
func (t *taskReport) start(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var reporting sync.WaitGroup
	reporting.Go(func() {
		ticks := time.NewTicker(reportEvery)
		defer ticks.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticks.C:
				t.mu.Lock()
				line := TaskLine{Progress: &TaskProgress{t.at, t.last}}
				t.mu.Unlock()
				if t.write(line) != nil {
					return
				}
			}
		}
	})
	return func() { cancel(); reporting.Wait() }
}

func (t *taskReport) progress(at, last uint64) {
	t.mu.Lock()
	t.at, t.last = at, last
	t.mu.Unlock()
}

func (t *taskReport) difference(d any) error { return t.write(TaskLine{Difference: d}) }

// write sends one line. It cancels the task if the client has disconnected or does not read.
func (t *taskReport) write(line TaskLine) error {
	text, err := json.Marshal(line)
	if err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.out.text = append(append(t.out.text, text...), '\n')
	err = t.out.flush()
	if err != nil {
		t.cancel()
	}
	return err
}
