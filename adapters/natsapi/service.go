package natsapi

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
	"sync"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"

	"authledger/access"
	"authledger/domain"
)

// ServiceName is what the service is found by (nats micro info).
const ServiceName = "authledger"

// Bounds of requests.
const (
	requestsAtOnce   = 2048 // without an answer
	requestsOfOneMax = 1536 // of them, of one caller
	answerBytesMax   = 1<<20 - 16<<10
)

// Interface answers a request over HTTP of a caller that is known: the ledger's own,
// in this process.
type Interface func(c *access.Caller, w http.ResponseWriter, r *http.Request)

// service answers requests until it is stopped.
type service struct {
	tokens *access.Tokens
	serve  Interface
	ctx    context.Context
	places chan struct{}
	micro  micro.Service
	conn   *nats.Conn

	mu  sync.Mutex
	own map[string]int // places, by caller
}

func startService(ctx context.Context, conn *nats.Conn, o *Options) (*service, error) {
	s := &service{conn: conn, tokens: o.Tokens, serve: o.Serve, ctx: ctx, places: make(chan struct{}, requestsAtOnce), own: make(map[string]int)}
	var err error
	s.micro, err = micro.AddService(conn, micro.Config{
		Name: ServiceName, Version: semantic(o.Version),
		Description: "a ledger of logins, lockouts, devices, codes, sharings and withdrawals",
		Metadata:    map[string]string{"realm": o.Realm}, StatsHandler: tallyOf,
	})
	if err != nil {
		return nil, fmt.Errorf("announce the service: %w", err)
	}
	if err := s.mount(o.Realm); err != nil {
		return nil, errors.Join(fmt.Errorf("make the endpoints of the service: %w", err), s.micro.Stop())
	}
	// Who finds the node ready asks at once, and is to be answered.
	if err := flush(conn); err != nil {
		o.Log.Warn("the server may not know the endpoints yet: what is asked meanwhile gets no answer", "cause", err)
	}
	return s, nil
}

// mount makes an endpoint of each command and each question.
func (s *service) mount(realm string) error {
	commands := s.micro.AddGroup(subject(realm, doPart, "*"))
	for _, kind := range domain.ClientCommands() {
		name := strings.ReplaceAll(kind, ".", "-")
		if err := commands.AddEndpoint(name, s.endpoint(commandRequest(kind)), micro.WithEndpointSubject(kind)); err != nil {
			return err
		}
	}
	if err := commands.AddEndpoint(batchName, s.endpoint(batchRequest), micro.WithEndpointSubject(batchName)); err != nil {
		return err
	}
	asked := s.micro.AddGroup(subject(realm, askPart, "*"))
	for i := range questions {
		q := &questions[i]
		ask := s.endpoint(func(r micro.Request) (*http.Request, error) { return q.request(r.Data()) })
		if err := asked.AddEndpoint(q.name, ask, micro.WithEndpointSubject(q.name), micro.WithEndpointMetadata(map[string]string{"says": q.says})); err != nil {
			return err
		}
	}
	return nil
}

// stop takes nothing new and waits for what is under way. Requests that come while
// it lasts find no place.
func (s *service) stop() error {
	err := s.micro.Stop()
	for range cap(s.places) {
		s.places <- struct{}{}
	}
	return err
}

// enter takes a place for a request of a caller, if one is left for it.
func (s *service) enter(caller string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.own[caller] >= requestsOfOneMax {
		return false
	}
	select {
	case s.places <- struct{}{}:
		s.own[caller]++
		return true
	default:
		return false
	}
}

func (s *service) leave(caller string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.own[caller]--; s.own[caller] == 0 {
		delete(s.own, caller)
	}
	<-s.places
}

// ask reports whether the answer is whole.
func (s *service) ask(c *access.Caller, w *recorder, r *http.Request) (whole bool) {
	defer func() {
		if broken := recover(); broken != nil && broken != http.ErrAbortHandler {
			panic(broken)
		}
	}()
	s.serve(c, w, r)
	return !w.full
}

// commandRequest makes requests of a command's endpoint: of bare data with the id in
// ce-id, or of a whole CloudEvent in binary mode.
func commandRequest(kind string) translate {
	return func(r micro.Request) (*http.Request, error) {
		header := attributes(nats.Header(r.Headers()))
		request := post("/v1/commands/"+kind, r.Data(), header)
		if header.Get("Ce-Specversion") == "" {
			for _, id := range header.Values("Ce-Id") {
				header.Add("Idempotency-Key", id)
			}
			return request, nil
		}
		if typed := header.Values("Ce-Type"); len(typed) != 1 || typed[0] != kind {
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

// attributes are the ce- headers of a message, whatever the case of their names:
// one that is there twice, if only in another case, stays twice, and is refused.
func attributes(h nats.Header) http.Header {
	ce := make(http.Header)
	for name, values := range h {
		if canonical := textproto.CanonicalMIMEHeaderKey(name); strings.HasPrefix(canonical, "Ce-") {
			ce[canonical] = append(ce[canonical], values...)
		}
	}
	return ce
}

// semantic is a version as NATS services must have it.
func semantic(version string) string {
	version = strings.TrimPrefix(version, "v")
	if version == "" || strings.Count(version, ".") < 2 || version[0] < '0' || version[0] > '9' {
		return "0.0.0"
	}
	return version
}
