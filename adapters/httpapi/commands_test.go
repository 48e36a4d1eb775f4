package httpapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"authledger/access"
	"authledger/domain"
	"authledger/eventstore"
)

const failed = `{"user":"alice","outcome":"failed","reason":"bad_credentials"}`

// Contract, "HTTP": one command in each of the three modes, and by its bare data.
func TestModes(t *testing.T) {
	s := newSite(t)
	at := time.Now().UTC().Format(time.RFC3339)
	s.ask(access.Gateway, "POST", "/v1/commands", event(access.Gateway, "e-1", "login.report", failed), "Content-Type", "application/cloudevents+json").
		want(t, 200, `"id":"e-1"`, `"status":"accepted"`, `"failures":1`)
	binary := []string{"Content-Type", "application/json; charset=utf-8", "ce-specversion", "1.0", "ce-id", "e%2D2", "ce-source", "gateway/gateway", "ce-type", "login.report", "Ce-Time", at}
	s.ask(access.Gateway, "POST", "/v1/commands", failed, binary...).want(t, 200, `"id":"e-2"`, `"failures":2`)
	s.ask(access.Gateway, "POST", "/v1/commands", failed, binary...).want(t, 200, `"duplicate":true`, `"failures":2`)
	s.ask(access.Gateway, "POST", "/v1/commands", failed, append(binary, "ce-id", "e-3")...).want(t, 422, `"reason":"malformed"`)
	batch := "[" + event(access.Gateway, "e-4", "login.report", failed) + `,{"specversion":"1.0"},` + event(access.Gateway, "e-1", "login.report", failed) + "]"
	s.ask(access.Gateway, "POST", "/v1/commands", batch, "Content-Type", "application/cloudevents-batch+json").
		want(t, 200, `[{"id":"e-4"`, `"failures":3`, `"reason":"malformed"`, `"reason":"id_reused"`) // e-1 had another time
	quoted := []string{"Content-Type", "application/json", "ce-specversion", `"1.0"`, "ce-id", `"q%2D\"1"`, "ce-source", `"gateway/gateway"`, "ce-type", "login.report", "ce-time", at}
	s.ask(access.Gateway, "POST", "/v1/commands", strings.Replace(failed, "alice", "bob", 1), quoted...).want(t, 200, `"id":"q-\"1"`)
	s.ask(access.Gateway, "POST", "/v1/commands", failed, append([]string{"ce-id", `"q`}, quoted...)...).want(t, 422, `"reason":"malformed"`)
	s.ask(access.Gateway, "POST", "/v1/commands/login.report", failed, "Idempotency-Key", "e-5").want(t, 200, `"id":"e-5"`, `"source":"gateway/gateway"`, `"failures":4`)
	s.ask(access.Gateway, "POST", "/v1/commands/login.report", failed, "Idempotency-Key", "e-5").want(t, 200, `"duplicate":true`, `"failures":4`)
	s.ask(access.Gateway, "POST", "/v1/commands/login.report", failed).want(t, 422, "Idempotency-Key", `"reason":"malformed"`)
}

// What is wrong is told as what it is, in a problem, and nothing is recorded.
func TestWrongRequests(t *testing.T) {
	s := newSite(t)
	structured := []string{"Content-Type", "application/cloudevents+json"}
	many := []string{"Content-Type", "application/cloudevents-batch+json"}
	for _, c := range []struct {
		says, body string
		headers    []string
		status     int
		holds      string
	}{
		{"no mode", failed, nil, 415, "cloudevents"},
		{"plain JSON", failed, []string{"Content-Type", "application/json"}, 415, "cloudevents"},
		{"an encoding", "x", append(structured, "Content-Encoding", "gzip"), 415, "Content-Encoding"},
		{"no JSON", "x", structured, 422, "malformed"},
		{"two media types", event(access.Gateway, "a", "login.report", failed), append(structured, "Content-Type", "text/plain"), 415, "cloudevents"},
		{"two values", event(access.Gateway, "a", "login.report", failed) + "{}", structured, 422, "malformed"},
		{"an unknown type", event(access.Gateway, "a", "login.magic", "{}"), structured, 422, "unknown_type"},
		{"the ledger's own type", event(access.Gateway, "a", "audit.read", "{}"), structured, 422, "unknown_type"},
		{"an unknown member (CODE: no secret slips in)", event(access.Gateway, "a", "login.report", `{"user":"alice","outcome":"succeeded","password":"x"}`), structured, 422, "unknown_field"},
		{"another's source", strings.Replace(event(access.Gateway, "a", "login.report", failed), "gateway/gateway", "gateway/other", 1), structured, 403, "source"},
		{"a reserved source", strings.Replace(event(access.Gateway, "a", "login.report", failed), "gateway/gateway", "timer", 1), structured, 422, "bad_field"},
		{"too large", strings.Repeat(" ", commandBytesMax+1), structured, 413, "bytes"},
		{"a batch that is none", "{}", many, 400, "array"},
		{"a batch cut off", "[" + event(access.Gateway, "a", "login.report", failed), many, 400, "batch"},
		{"a batch too long", "[" + strings.Repeat("{},", commandsMax) + "{}]", many, 400, "at most 1000"},
		{"deep", strings.Repeat("[", 20000), many, 400, "batch"},
		{"one of a batch not allowed", "[" + event(access.Gateway, "a", "login.report", failed) + "," + event(access.Gateway, "b", "lockout.release", `{"user":"alice","agent":"x"}`) + "]", many, 403, "none of it was given"},
	} {
		t.Run(c.says, func(t *testing.T) {
			r := s.ask(access.Gateway, "POST", "/v1/commands", c.body, c.headers...)
			r.want(t, c.status, c.holds, `"type":"/docs/problems#`)
			if r.header.Get("Content-Type") != "application/problem+json" || r.header.Get("X-Request-Id") == "" {
				t.Error(r.header)
			}
		})
	}
	s.ask(access.Gateway, "POST", "/v1/commands", "[]", many...).want(t, 200, "[]")
	for _, kind := range []string{"text/plain", "application/x-www-form-urlencoded", "application/cloudevents+json", "json"} {
		s.ask(access.Gateway, "POST", "/v1/commands/login.report", failed, "Idempotency-Key", "a", "Content-Type", kind).want(t, 415, "application/json")
	}
	if at := s.rows.Position().Seq; at != 0 {
		t.Errorf("%d records", at)
	}
	s.get(access.Gateway, "/v1/commands").want(t, 405, "POST")
	s.get(access.Gateway, "/v1/nothing").want(t, 404)
	s.get("", "/v1/lockouts").want(t, 401)
	s.ask("", "GET", "/v1/lockouts", "", "Authorization", "Bearer al_0_x").want(t, 401)
	s.ask("", "GET", "/v1/lockouts", "", "Authorization", "Basic x").want(t, 401)
}

// One event of a batch that is no proper JSON by itself spoils none of the others.
func TestBatchOfGoodAndBad(t *testing.T) {
	s := newSite(t)
	good, twice := event(access.Gateway, "g", "login.report", failed), event(access.Gateway, "t", "login.report", `{"user":"alice","user":"bob","outcome":"succeeded"}`)
	for _, bad := range []string{twice, `{"id":"t","id":"t"}`, "{\"id\":\"\xff\"}", "[1]", "null"} {
		r := s.ask(access.Gateway, "POST", "/v1/commands", "["+bad+","+good+"]", "Content-Type", "application/cloudevents-batch+json")
		r.want(t, 200, `"reason":"malformed"`, `"id":"g"`, `"status":"accepted"`, `"failures":1`)
	}
	if at := s.rows.Position().Seq; at != 1 {
		t.Errorf("%d records", at)
	}
}

// When as many commands wait as may, another is told to come again, and does.
func TestFullQueue(t *testing.T) {
	s := newSite(t)
	release := make(chan struct{})
	s.disk.held.Store(&release)
	var waiting []*eventstore.Ticket
	for i := 0; ; i++ {
		ticket, err := s.ledger.Submit(t.Context(), domain.Command{Source: "gateway/gateway", ID: fmt.Sprint("w-", i), Stamped: true, Caller: "gateway",
			Data: &domain.LoginReport{User: fmt.Sprint("u", i), Outcome: domain.Succeeded}})
		if errors.Is(err, eventstore.ErrBusy) {
			break
		}
		if err != nil || i > 1<<16 {
			t.Fatal(i, err)
		}
		waiting = append(waiting, ticket)
	}
	// The sequencer may take a few more from the queue, but not many.
	var full reply
	for i := 0; full.status != 503 && i < 1<<10; i++ {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		full = s.within(ctx, "/v1/commands/login.report", failed, fmt.Sprint("f-", i))
		cancel()
	}
	full.want(t, 503, outcomeUnknown, "too many commands are waiting")
	if full.header.Get("Retry-After") != "1" {
		t.Error(full.header)
	}
	s.ask(access.Gateway, "GET", "/v1/gate/login", "", "X-Login-User", "alice").want(t, 503, outcomeUnknown)
	s.disk.held.Store(nil)
	close(release)
	for _, ticket := range waiting {
		if v, err := ticket.Wait(t.Context()); err != nil || v.Status != domain.Accepted {
			t.Fatal(v, err)
		}
	}
	s.ask(access.Gateway, "POST", "/v1/commands/login.report", failed, "Idempotency-Key", "again").want(t, 200, `"status":"accepted"`)
}

// within asks as the gateway, until ctx ends: then the reply is empty.
func (s *site) within(ctx context.Context, path, body, key string) (r reply) {
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

// A batch as large as there may be is answered in order, and again as duplicates.
func TestLargeBatch(t *testing.T) {
	s := newSite(t)
	var events []string
	for i := range commandsMax {
		events = append(events, event(access.Gateway, fmt.Sprint("b-", i), "login.report", fmt.Sprintf(`{"user":"u%d","outcome":"succeeded"}`, i)))
	}
	batch := "[" + strings.Join(events, ",") + "]"
	for _, duplicate := range []string{`"duplicate":false`, `"duplicate":true`} {
		r := s.ask(access.Gateway, "POST", "/v1/commands", batch, "Content-Type", "application/cloudevents-batch+json")
		r.want(t, 200)
		verdicts := strings.Split(r.body, `{"id":"b-`)[1:]
		if len(verdicts) != commandsMax {
			t.Fatalf("%d verdicts", len(verdicts))
		}
		for i, v := range verdicts {
			if !strings.HasPrefix(v, fmt.Sprint(i, `"`)) || !strings.Contains(v, duplicate) {
				t.Fatalf("verdict %d: %s", i, v)
			}
		}
	}
}

// A client that goes away takes nothing back: its command has one outcome, which
// it hears when it sends it again.
func TestClientGoesAway(t *testing.T) {
	s := newSite(t)
	for i := range 200 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i*10)*time.Microsecond)
		request, err := http.NewRequestWithContext(ctx, "POST", s.url+"/v1/commands/login.report", strings.NewReader(fmt.Sprintf(`{"user":"u%d","outcome":"failed","reason":"bad_code"}`, i)))
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
		s.ask(access.Gateway, "POST", "/v1/commands/login.report", fmt.Sprintf(`{"user":"u%d","outcome":"failed","reason":"bad_code"}`, i), "Idempotency-Key", fmt.Sprint("gone-", i)).
			want(t, 200, `"failures":1`)
		s.get(access.Gateway, fmt.Sprintf("/v1/users/u%d/lockout", i)).want(t, 200, `"failures":1,`)
	}
	if at := s.rows.Position().Seq; at != 200 {
		t.Errorf("%d records of 200 commands", at)
	}
}

// The importer tells the past, and no other role does.
func TestBackfill(t *testing.T) {
	s := newSite(t)
	past := func(role access.Role) string {
		return strings.Replace(event(role, "p-1", "login.report", failed), fmt.Sprint(`"time":"`, time.Now().UTC().Year()), `"time":"2023`, 1)
	}
	structured := []string{"Content-Type", "application/cloudevents+json"}
	s.ask(access.Gateway, "POST", "/v1/commands", past(access.Gateway), structured...).want(t, 422, "clock_skew")
	s.ask(access.Importer, "POST", "/v1/commands", past(access.Importer), structured...).want(t, 200, `"time":"2023`)
}
