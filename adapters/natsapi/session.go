package natsapi

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go/micro"

	"authledger/adapters/natsconn"
	"authledger/domain"
	"authledger/domain/access"
	"authledger/eventstore"
)

// Durations of a read session of live events.
const (
	sessionLease  = 10 * time.Minute // the session ends after this time unless the caller extends it
	sessionMax    = 24 * time.Hour   // after this time the next request records another audit.read
	recordTimeout = 20 * time.Second // maximum wait for the verdict on the audit.read
)

const (
	eventsQuery   = "events"
	recordedQuery = "nats " + eventsQuery // value of the member query in the audit.read
)

// sessions holds the open read sessions of live events, by caller. The node publishes
// to a caller only while its session is open, and a session opens only after its
// audit.read is on disk. It is safe for concurrent use.
type sessions struct {
	now  func() time.Time
	mu   sync.Mutex
	open map[string]session
}

type session struct {
	role       access.Role
	recordedAt uint64 // position of the audit.read
	begun, end time.Time
}

func newSessions(now func() time.Time) *sessions {
	return &sessions{now: now, open: make(map[string]session)}
}

// readers returns the callers that may see the events of a type and whose open session was recorded
// before the record seq. It deletes the sessions that have ended.
func (s *sessions) readers(kind string, seq uint64) (callers []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for caller, at := range s.open {
		switch {
		case !s.now().Before(at.end):
			delete(s.open, caller)
		case seq > at.recordedAt && at.role.MaySee(kind):
			callers = append(callers, caller)
		}
	}
	return callers
}

// extend continues the caller's session, or reports false if none is open.
func (s *sessions) extend(c *access.Caller) (session, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	at, ok := s.open[c.Name]
	if !ok || !now.Before(at.end) || at.role != c.Role || now.Sub(at.begun) >= sessionMax {
		return at, false
	}
	at.end = now.Add(sessionLease)
	s.open[c.Name] = at
	return at, true
}

func (s *sessions) begin(c *access.Caller, recordedAt uint64) session {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	at := session{role: c.Role, recordedAt: recordedAt, begun: now, end: now.Add(sessionLease)}
	s.open[c.Name] = at
	return at
}

// eventsAnswer is the answer to the query events.
type eventsAnswer struct {
	Subject     string    `json:"subject"`     // subject to which the caller can subscribe
	ReadSession uint64    `json:"readSession"` // position of the audit.read
	Until       time.Time `json:"until"`       // end of the session unless the caller sends the query again
}

// eventsEndpoint answers the query events: it records an audit.read once for each
// session, and then opens the session.
type eventsEndpoint struct {
	realm     string
	ledger    *eventstore.Ledger
	sessions  *sessions
	answering chan struct{} // contains a value while a request is answered, so that two simultaneous requests of a caller cause one audit.read
}

func (e *eventsEndpoint) serve(c *access.Caller, w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), recordTimeout)
	defer cancel()
	if !c.Role.IsRecorded() || !c.Role.May(access.ReadLiveEvents) {
		writeProblem(w, http.StatusForbidden, fmt.Sprintf("permission denied: the role %s does not permit the query %s", c.Role, eventsQuery))
		return
	}
	at, err := e.session(ctx, c)
	if err != nil {
		writeProblem(w, http.StatusServiceUnavailable, "the ledger could not record the read session, so the node sends no events: send the query again")
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set(readSessionHeader, fmt.Sprint(at.recordedAt))
	_ = json.NewEncoder(w).Encode(eventsAnswer{natsconn.SessionSubject(e.realm, c.Name, ">"), at.recordedAt, at.end.UTC()}) // a write to memory
}

// session returns the caller's open session, or opens one after it has recorded the read.
func (e *eventsEndpoint) session(ctx context.Context, c *access.Caller) (session, error) {
	select {
	case e.answering <- struct{}{}:
		defer func() { <-e.answering }()
	case <-ctx.Done():
		return session{}, ctx.Err()
	}
	if at, ok := e.sessions.extend(c); ok {
		return at, nil
	}
	verdict, err := e.ledger.Do(ctx, domain.NewAuditRead(uuid.Must(uuid.NewV7()).String(), domain.AuditRead{
		Reader: c.Name, Role: string(c.Role), Query: recordedQuery,
	}))
	if err == nil && verdict.Status != domain.Accepted {
		err = fmt.Errorf("record a read session of live events: %s: %s", verdict.Reason, verdict.Detail)
	}
	if err != nil {
		return session{}, err
	}
	return e.sessions.begin(c, verdict.Seq), nil
}

// mountEvents adds the endpoint of the query events to the service.
func (s *service) mountEvents(realm string, l *eventstore.Ledger, open *sessions) error {
	events := &eventsEndpoint{realm: realm, ledger: l, sessions: open, answering: make(chan struct{}, 1)}
	endpoint := s.endpoint(func(micro.Request) (*http.Request, error) {
		return &http.Request{Method: http.MethodPost, Header: make(http.Header), Body: http.NoBody}, nil
	})
	endpoint.handler = events.serve
	group := s.micro.AddGroup(natsconn.QueryGroup(realm))
	return group.AddEndpoint(eventsQuery, endpoint, micro.WithEndpointSubject(eventsQuery),
		micro.WithEndpointMetadata(map[string]string{summaryKey: "Open or extend a recorded read session of live events"}))
}

func writeProblem(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("Content-Type", problemMediaType)
	w.WriteHeader(status)
	_, _ = w.Write(problemBody(status, detail)) // a write to memory can't fail
}
