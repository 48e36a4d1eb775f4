package httpapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"authledger/domain"
	"authledger/domain/access"
	"authledger/eventstore"
)

const failed = `{"user":"alice","outcome":"failed","reason":"bad_credentials"}`

// The server accepts one command in each mode of CloudEvents and as plain JSON (contract,
// "HTTP").
func TestCommandModes(t *testing.T) {
	s := newTestServer(t)
	at := time.Now().UTC().Format(time.RFC3339)
	s.request(access.Gateway, "POST", "/v1/commands", event(access.Gateway, "e-1", "login.report", failed),
		"Content-Type", "application/cloudevents+json").
		want(t, 200, `"id":"e-1"`, `"status":"accepted"`, `"failures":1`)
	binary := []string{"Content-Type", "application/json; charset=utf-8", "ce-specversion", "1.0", "ce-id",
		"e%2D2", "ce-source", "gateway/gateway", "ce-type", "login.report", "Ce-Time", at}
	s.request(access.Gateway, "POST", "/v1/commands", failed, binary...).
		want(t, 200, `"id":"e-2"`, `"failures":2`)
	s.request(access.Gateway, "POST", "/v1/commands", failed, binary...).
		want(t, 200, `"duplicate":true`, `"failures":2`)
	binary[len(binary)-1] = strings.ToLower(at) // the content has the instant in one form
	s.request(access.Gateway, "POST", "/v1/commands", failed, binary...).
		want(t, 200, `"duplicate":true`, `"failures":2`)
	s.request(access.Gateway, "POST", "/v1/commands", failed, append(binary, "ce-id", "e-3")...).
		want(t, 400, "Ce-Id: more than one header")
	batch := "[" + event(access.Gateway, "e-4", "login.report", failed) + `,{"specversion":"1.0"},` +
		event(access.Gateway, "e-1", "login.report", failed) + "]"
	s.request(access.Gateway, "POST", "/v1/commands", batch, "Content-Type",
		"application/cloudevents-batch+json").
		// e-1 had another time
		want(t, 200, `[{"id":"e-4"`, `"failures":3`, `"reason":"malformed"`, `"reason":"id_reused"`)
	quoted := []string{"Content-Type", "application/json", "ce-specversion", `"1.0"`, "ce-id", `"q%2D\"1"`,
		"ce-source", `"gateway/gateway"`, "ce-type", "login.report", "ce-time", at}
	s.request(access.Gateway, "POST", "/v1/commands", strings.Replace(failed, "alice", "bob", 1), quoted...).
		want(t, 200, `"id":"q-\"1"`)
	s.request(access.Gateway, "POST", "/v1/commands", failed,
		append([]string{"ce-id", `"q`}, append(quoted[:4:4], quoted[6:]...)...)...).
		want(t, 422, `"reason":"malformed"`)
	s.request(access.Gateway, "POST", "/v1/commands/login.report", failed, "Idempotency-Key", "e-5").
		want(t, 200, `"id":"e-5"`, `"source":"gateway/gateway"`, `"failures":4`)
	//
	s.request(access.Gateway, "POST", "/v1/commands/login.report", failed, "Idempotency-Key", "e-5").
		want(t, 200, `"duplicate":true`, `"failures":4`)
	s.request(access.Gateway, "POST", "/v1/commands/login.report", failed).want(t, 400, "Idempotency-Key")
	for _, form := range []string{`"e-5"`, `e-5;v=1`, `"e-5";v=1`} { // an item of structured fields (RFC 9651)
		s.request(access.Gateway, "POST", "/v1/commands/login.report", failed, "Idempotency-Key", form,
			"Content-Type", "application/vnd.login+json").
			want(t, 200, `"id":"e-5"`, `"duplicate":true`)
	}
	s.request(access.Gateway, "POST", "/v1/commands/login.report", failed, "Idempotency-Key", "e 5").
		want(t, 400, "in quotation marks")
	s.request(access.Gateway, "POST", "/v1/commands/login.report", failed, "Idempotency-Key", `"e-5`).
		want(t, 400, "in quotation marks")
	quoted[1] = "application/vnd.login+json"
	s.request(access.Gateway, "POST", "/v1/commands", strings.Replace(failed, "alice", "bob", 1), quoted...).
		want(t, 200, `"duplicate":true`)
}

// The server answers an invalid request with a problem, and records nothing.
func TestInvalidRequestsGetProblems(t *testing.T) {
	s := newTestServer(t)
	structured := slices.Clip([]string{"Content-Type", "application/cloudevents+json"})
	many := []string{"Content-Type", "application/cloudevents-batch+json"}
	for _, c := range []struct {
		name, body string
		headers    []string
		status     int
		holds      string
	}{
		{"no mode", failed, nil, 415, "cloudevents"},
		{"plain JSON", failed, []string{"Content-Type", "application/json"}, 415, "cloudevents"},
		{"a second encoding", "x", append(structured, "Content-Encoding", "", "Content-Encoding", "gzip"), 415,
			"Content-Encoding"},
		{"an encoding", "x", append(structured, "Content-Encoding", "gzip"), 415, "Content-Encoding"},
		{"no JSON", "x", structured, 422, "malformed"},
		{"two media types", event(access.Gateway, "a", "login.report", failed),
			append(structured, "Content-Type", "text/plain"), 400, "Content-Type: more than one header"},
		{"two values", event(access.Gateway, "a", "login.report", failed) + "{}", structured, 422, "malformed"},
		{"an unknown type", event(access.Gateway, "a", "login.magic", "{}"), structured, 422, "unknown_type"},
		{"the ledger's own type", event(access.Gateway, "a", "audit.read", "{}"), structured, 422, "unknown_type"},
		{"an unknown member (CODE: no secret slips in)",
			event(access.Gateway, "a", "login.report", `{"user":"alice","outcome":"succeeded","password":"x"}`),
			structured, 422, "unknown_field"},
		{"source of another caller",
			strings.Replace(event(access.Gateway, "a", "login.report", failed), "gateway/gateway", "gateway/other", 1),
			structured, 403, "source"},
		{"a reserved source",
			strings.Replace(event(access.Gateway, "a", "login.report", failed), "gateway/gateway", "timer", 1),
			structured, 422, "bad_field"},
		{"too large", strings.Repeat(" ", commandBytesMax+1), structured, 413, "bytes"},
		{"batch without an array", "{}", many, 400, "array"},
		{"a batch cut off", "[" + event(access.Gateway, "a", "login.report", failed), many, 400, "batch"},
		{"a batch too long", "[" + strings.Repeat("{},", commandsMax) + "{}]", many, 400, "at most 1000"},
		{"deeply nested batch", strings.Repeat("[", 20000), many, 400, "batch"},
		{"batch with a forbidden command",
			"[" + event(access.Gateway, "a", "login.report", failed) + "," +
				event(access.Gateway, "b", "lockout.release", `{"user":"alice","agent":"x"}`) + "]", many, 403,
			"no command of the batch was submitted"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := s.request(access.Gateway, "POST", "/v1/commands", c.body, c.headers...)
			r.want(t, c.status, c.holds, `"type":"/problems/`)
			if r.header.Get("Content-Type") != "application/problem+json" || r.header.Get("X-Request-Id") == "" {
				t.Errorf("POST /v1/commands: got headers %v, want a problem with a request id", r.header)
			}
		})
	}
	s.request(access.Gateway, "POST", "/v1/commands", "[]", many...).want(t, 200, "[]")
	for _, kind := range []string{"text/plain", "application/x-www-form-urlencoded",
		"application/cloudevents+json", "json"} {
		s.request(access.Gateway, "POST", "/v1/commands/login.report", failed, "Idempotency-Key", "a",
			"Content-Type", kind).want(t, 415, "application/json")
	}
	if at := s.rows.Position().Seq; at != 0 {
		t.Errorf("got %d records, want none", at)
	}
	s.get(access.Gateway, "/v1/commands").want(t, 405, "POST")
	s.get(access.Gateway, "/v1/nothing").want(t, 404)
	s.get("", "/v1/lockouts").want(t, 401)
	s.request("", "GET", "/v1/lockouts", "", "Authorization", "Bearer al_0_x").want(t, 401)
	s.request("", "GET", "/v1/lockouts", "", "Authorization", "Basic x").want(t, 401)
}

// An invalid event of a batch does not affect the other events.
func TestBatchWithInvalidEvent(t *testing.T) {
	s := newTestServer(t)
	good, twice := event(access.Gateway, "g", "login.report", failed),
		event(access.Gateway, "t", "login.report", `{"user":"alice","user":"bob","outcome":"succeeded"}`)
	for _, bad := range []string{twice, `{"id":"t","id":"t"}`, "{\"id\":\"\xff\"}", "[1]", "null"} {
		r := s.request(access.Gateway, "POST", "/v1/commands", "["+bad+","+good+"]", "Content-Type",
			"application/cloudevents-batch+json")
		r.want(t, 200, `"reason":"malformed"`, `"id":"g"`, `"status":"accepted"`, `"failures":1`)
	}
	if at := s.rows.Position().Seq; at != 1 {
		t.Errorf("records of the batch: got %d, want 1", at)
	}
}

// While the queue is full, the server answers 503 with Retry-After, and a later retry
// succeeds.
func TestFullQueue(t *testing.T) {
	s := newTestServer(t)
	release := make(chan struct{})
	s.disk.held.Store(&release)
	var waiting []*eventstore.Ticket
	var full reply
	// The sequencer may take more commands from the queue, so the test fills it before each request.
	for i := 0; full.status != 503 && i < 1<<10; i++ {
		waiting = append(waiting, s.fillQueue(len(waiting))...)
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		full = s.within(ctx, "/v1/commands/login.report", failed, fmt.Sprint("f-", i))
		cancel()
	}
	full.want(t, 503, outcomeUnknown, "too many commands wait")
	if full.header.Get("Retry-After") != "1" {
		t.Errorf("full queue: got Retry-After %q, want 1", full.header.Get("Retry-After"))
	}
	s.request(access.Gateway, "GET", "/v1/gate/login", "", "X-Login-User", "alice").want(t, 503, outcomeUnknown)
	s.disk.held.Store(nil)
	close(release)
	for _, ticket := range waiting {
		if v, err := ticket.Wait(t.Context()); err != nil || v.Status != domain.Accepted {
			t.Fatalf("queued command: got %+v, %v, want accepted", v, err)
		}
	}
	s.request(access.Gateway, "POST", "/v1/commands/login.report", failed, "Idempotency-Key", "again").
		want(t, 200, `"status":"accepted"`)
}

// fillQueue submits commands of the gateway until the ledger returns ErrBusy. The first one has the
// number n.
func (s *testServer) fillQueue(n int) (waiting []*eventstore.Ticket) {
	s.t.Helper()
	for {
		i := n + len(waiting)
		ticket, err := s.ledger.Submit(s.t.Context(),
			domain.Command{Source: "gateway/gateway", ID: fmt.Sprint("w-", i), Stamped: true, Caller: "gateway",
				Data: &domain.LoginReport{User: fmt.Sprint("u", i), Outcome: domain.Succeeded}})
		if errors.Is(err, eventstore.ErrBusy) {
			return waiting
		}
		if err != nil || i > 1<<16 {
			s.t.Fatalf("submit until the queue is full: got error %v after %d commands, want %v", err, i,
				eventstore.ErrBusy)
		}
		waiting = append(waiting, ticket)
	}
}

// within sends a command as the gateway. It returns an empty reply if ctx ends first.
func (s *testServer) within(ctx context.Context, path, body, key string) (r reply) {
	s.t.Helper()
	request, err := http.NewRequestWithContext(ctx, "POST", s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+s.token[access.Gateway])
	request.Header.Set("Idempotency-Key", key)
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return reply{}
	}
	defer answer.Body.Close() // only read from
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return reply{}
	}
	return reply{answer.StatusCode, answer.Header, string(text)}
}

// The verdicts of a batch of maximum size are in order, and a retry gets duplicates.
func TestLargeBatch(t *testing.T) {
	s := newTestServer(t)
	var events []string
	for i := range commandsMax {
		events = append(events,
			event(access.Gateway, fmt.Sprint("b-", i), "login.report",
				fmt.Sprintf(`{"user":"u%d","outcome":"succeeded"}`, i)))
	}
	batch := "[" + strings.Join(events, ",") + "]"
	for _, duplicate := range []string{`"duplicate":false`, `"duplicate":true`} {
		r := s.request(access.Gateway, "POST", "/v1/commands", batch, "Content-Type",
			"application/cloudevents-batch+json")
		r.want(t, 200)
		verdicts := strings.Split(r.body, `{"id":"b-`)[1:]
		if len(verdicts) != commandsMax {
			t.Fatalf("batch: got %d verdicts, want %d", len(verdicts), commandsMax)
		}
		for i, v := range verdicts {
			if !strings.HasPrefix(v, fmt.Sprint(i, `"`)) || !strings.Contains(v, duplicate) {
				t.Fatalf("verdict %d: got %s, want id %[1]d and %[3]s", i, v, duplicate)
			}
		}
	}
}

// A client that disconnects does not cancel its command. A retry gets the only verdict.
func TestCommandOutlivesClient(t *testing.T) {
	s := newTestServer(t)
	for i := range 200 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i*10)*time.Microsecond)
		request, err := http.NewRequestWithContext(ctx, "POST", s.url+"/v1/commands/login.report",
			strings.NewReader(fmt.Sprintf(`{"user":"u%d","outcome":"failed","reason":"bad_code"}`, i)))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+s.token[access.Gateway])
		request.Header.Set("Idempotency-Key", fmt.Sprint("gone-", i))
		if answer, err := http.DefaultTransport.RoundTrip(request); err == nil {
			answer.Body.Close()
		}
		cancel()
	}
	for i := range 200 {
		s.request(access.Gateway, "POST", "/v1/commands/login.report",
			fmt.Sprintf(`{"user":"u%d","outcome":"failed","reason":"bad_code"}`, i), "Idempotency-Key",
			fmt.Sprint("gone-", i)).
			want(t, 200, `"failures":1`)
		s.get(access.Gateway, fmt.Sprintf("/v1/users/u%d/lockout", i)).want(t, 200, `"failures":1,`)
	}
	if at := s.rows.Position().Seq; at != 200 {
		t.Errorf("records of 200 commands: got %d, want 200", at)
	}
}

// Only the importer can submit commands with a time in the past.
func TestBackfill(t *testing.T) {
	s := newTestServer(t)
	past := func(role access.Role) string {
		return strings.Replace(event(role, "p-1", "login.report", failed),
			fmt.Sprint(`"time":"`, time.Now().UTC().Year()), `"time":"2023`, 1)
	}
	structured := []string{"Content-Type", "application/cloudevents+json"}
	s.request(access.Gateway, "POST", "/v1/commands", past(access.Gateway), structured...).
		want(t, 422, "clock_skew")
	s.request(access.Importer, "POST", "/v1/commands", past(access.Importer), structured...).
		want(t, 200, `"time":"2023`)
}
