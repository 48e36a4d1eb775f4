package natsapi

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"

	"authledger/adapters/natsconn"
	"authledger/domain"
	"authledger/domain/access"
	"authledger/domain/operations"
	"authledger/eventstore/wire"
)

// ServiceName is the name of the NATS service, as in `nats micro info authledger`.
const ServiceName = "authledger"

const (
	requestsMax    = 2048           // requests without an answer, of all callers
	answerBytesMax = 1<<20 - 16<<10 // body of an answer: the message limit of a NATS server minus 16 KiB for headers
	batchName      = "batch"        // last token of the subject of a batch of commands
	summaryKey     = "summary"      // metadata key of the summary of an endpoint
)

// Handler answers a request of an authenticated caller: the HTTP interface of the ledger,
// in this process.
type Handler func(c *access.Caller, w http.ResponseWriter, r *http.Request)

// service answers the requests of the NATS service until stop is called.
type service struct {
	tokens Tokens
	handle Handler
	ctx    context.Context
	slots  chan struct{} // contains one value for each request that has no answer yet
	micro  micro.Service
	conn   *natsconn.Conn

	mu    sync.Mutex
	inUse map[string]int // slots, by caller
}

func startService(ctx context.Context, conn *natsconn.Conn, o *Options) (*service, error) {
	s := &service{conn: conn, tokens: o.Tokens, handle: o.Serve, ctx: ctx, slots: make(chan struct{}, requestsMax), inUse: make(map[string]int)}
	var err error
	s.micro, err = micro.AddService(conn.Conn, micro.Config{
		Name: ServiceName, Version: semanticVersion(o.Version),
		Description: "a ledger of logins, lockouts, devices, codes, sharings and withdrawals",
		Metadata:    map[string]string{"realm": conn.Realm()}, StatsHandler: tallyOf,
	})
	if err != nil {
		return nil, fmt.Errorf("add the NATS service: %w", err)
	}
	if err := s.mount(conn.Realm()); err != nil {
		return nil, errors.Join(fmt.Errorf("add the endpoints of the NATS service: %w", err), s.micro.Stop())
	}
	// A node that reports ready must answer at once, so the server must know the endpoints.
	if err := conn.FlushConnected(); err != nil {
		o.Log.Warn("the NATS server may not know the endpoints yet; requests get no answer until then", "cause", err)
	}
	return s, nil
}

// mount adds an endpoint for each command, for batches, and for each row of the table of
// operations.
func (s *service) mount(realm string) error {
	commands := s.micro.AddGroup(natsconn.CommandGroup(realm))
	for _, kind := range domain.ClientCommands() {
		name := strings.ReplaceAll(kind, ".", "-")
		if err := commands.AddEndpoint(name, s.endpoint(commandRequest(kind)), micro.WithEndpointSubject(kind), summarized(domain.CommandSummary(kind))); err != nil {
			return err
		}
	}
	if err := commands.AddEndpoint(batchName, s.endpoint(batchRequest), micro.WithEndpointSubject(batchName)); err != nil {
		return err
	}
	group := s.micro.AddGroup(natsconn.QueryGroup(realm))
	for i := range operations.All() {
		o := &operations.All()[i]
		endpoint := s.endpoint(func(r micro.Request) (*http.Request, error) { return queryRequest(o, r.Data()) })
		if err := group.AddEndpoint(o.Name, endpoint, micro.WithEndpointSubject(o.Name), summarized(o.Summary)); err != nil {
			return err
		}
	}
	return nil
}

// summarized adds a summary to the metadata of an endpoint.
func summarized(summary string) micro.EndpointOpt {
	return micro.WithEndpointMetadata(map[string]string{summaryKey: summary})
}

// stop removes the endpoints and takes all slots. It thereby waits for the requests that
// hold a slot, and the service refuses every later request.
func (s *service) stop() error {
	err := s.micro.Stop()
	for range cap(s.slots) {
		s.slots <- struct{}{}
	}
	return err
}

// acquire takes a slot for a request of a caller, and reports whether it did. It refuses a
// caller whose slots are at least as many as the free slots. One caller therefore holds at
// most half of the slots, and n callers that flood the service leave at least 1/(n+1) of
// the slots to the other callers.
func (s *service) acquire(caller string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.inUse[caller] >= cap(s.slots)-len(s.slots) {
		return false
	}
	select {
	case s.slots <- struct{}{}:
		s.inUse[caller]++
		return true
	default:
		return false
	}
}

func (s *service) release(caller string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.inUse[caller]--; s.inUse[caller] == 0 {
		delete(s.inUse, caller)
	}
	<-s.slots
}

// serveHTTP calls handle, and reports whether w holds a complete answer.
func serveHTTP(handle Handler, c *access.Caller, w *recorder, r *http.Request) (isComplete bool) {
	defer func() {
		if cause := recover(); cause != nil && cause != http.ErrAbortHandler {
			panic(cause)
		}
	}()
	handle(c, w, r)
	return !w.overflowed
}

// commandRequest returns the translation of messages to the endpoint of a command. A
// message is either bare data with the command's id in ce-id, or a CloudEvent in binary
// mode.
func commandRequest(kind string) translate {
	return func(r micro.Request) (*http.Request, error) {
		header := natsconn.AttributeHeaders(nats.Header(r.Headers()))
		request := post("/v1/commands/"+kind, r.Data(), header)
		if header.Get("Ce-Specversion") == "" {
			for _, value := range header.Values("Ce-Id") {
				id, err := wire.DecodeAttribute(value)
				if err != nil {
					return nil, fmt.Errorf("ce-id: %w", err)
				}
				header.Add("Idempotency-Key", wire.QuoteKey(id))
			}
			return request, nil
		}
		if a, rejection := wire.ReadAttributes(header); rejection == nil && a.Type != kind {
			return nil, fmt.Errorf("ce-type: want %s on this subject", kind)
		}
		request.URL.Path = "/v1/commands"
		header.Set("Content-Type", "application/json")
		return request, nil
	}
}

func batchRequest(r micro.Request) (*http.Request, error) {
	return post("/v1/commands", r.Data(), http.Header{"Content-Type": {"application/cloudevents-batch+json"}}), nil
}

func post(path string, body []byte, header http.Header) *http.Request {
	return &http.Request{Method: http.MethodPost, URL: &url.URL{Path: path}, Header: header, Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body))}
}

// semanticVersion returns version in the form that a NATS service requires, "0.0.0" for a
// version of another form.
func semanticVersion(version string) string {
	version = strings.TrimPrefix(version, "v")
	if version == "" || strings.Count(version, ".") < 2 || version[0] < '0' || version[0] > '9' {
		return "0.0.0"
	}
	return version
}
