package client

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"authledger/domain"
)

// New rejects a URL that would send the token in plain text, and its errors contain no
// secret.
func TestNew(t *testing.T) {
	for _, c := range []struct {
		url       string
		plaintext bool
		ok        bool
	}{
		{"https://ledger.example", false, true}, {"https://ledger.example/below", false, true},
		{"http://127.0.0.1:8080", false, true}, {"http://[::1]:8080", false, true},
		{"http://localhost:8080", false, true},
		{"http://ledger.example", false, false}, {"http://ledger.example", true, true},
		{"http://127.0.0.1.example", false, false},
		{"", false, false}, {"ledger.example", false, false}, {"ftp://ledger.example", false, false},
		{"https://user:hunter2@ledger.example", false, false}, {"https://hunter2\x00", false, false},
		{"https://ledger.example?token=hunter2", false, false},
	} {
		_, err := New(Options{URL: c.url, AllowPlaintext: c.plaintext})
		if (err == nil) != c.ok || (err != nil && strings.Contains(err.Error(), "hunter2")) {
			t.Errorf("New(%q), plaintext %t: got error %v, want accepted %t and no secret in the error", c.url,
				c.plaintext, err, c.ok)
		}
	}
}

// script is a node that sends the prepared answers in order, and then accepts every command.
type script struct {
	answers []http.HandlerFunc
	asked   []string // ids of the requests
}

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	s.asked = append(s.asked, r.Header.Get("Idempotency-Key"))
	w := httptest.NewRecorder()
	if n := len(s.asked); n <= len(s.answers) {
		s.answers[n-1](w, r)
	} else {
		respond(200, accepted)(w, r)
	}
	if w.Code == lost {
		return nil, errors.New("the network lost the request")
	}
	return w.Result(), nil
}

const (
	lost     = 599
	accepted = `{"id":"x","source":"gateway/g","type":"login.report","status":"accepted","seq":7,"more":"of ` +
		`a newer node","result":{"locked":false,"remaining":9}}`
)

func respond(status int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body)) // into memory
	}
}

// The client returns a verdict only if the answer holds a verdict, and retries a request without
// an answer (contract, "HTTP": a 503 means unknown).
func TestAnswers(t *testing.T) {
	invalid := strings.Replace(accepted, `"accepted"`, `"invalid"`, 1)
	for _, c := range []struct {
		name   string
		given  []http.HandlerFunc
		asked  int
		took   time.Duration // at least
		status domain.Status
		wrong  error
	}{
		{"a verdict", nil, 1, 0, domain.Accepted, nil},
		{"lost, then a verdict", []http.HandlerFunc{respond(lost, ""), respond(lost, "")}, 3,
			0, domain.Accepted, nil},
		{"busy, then a verdict", []http.HandlerFunc{respond(503, "{}", "Retry-After", "3")}, 2, 3 * time.Second,
			domain.Accepted, nil},
		{"too many requests, then a verdict", []http.HandlerFunc{respond(429, "", "Retry-After", "2")}, 2,
			2 * time.Second, domain.Accepted, nil},
		{"an invalid Retry-After",
			[]http.HandlerFunc{respond(503, "", "Retry-After", "-9"), respond(503, "", "Retry-After", "soon")}, 3,
			0, domain.Accepted, nil},
		{"a proxy's error", []http.HandlerFunc{respond(502, "<html>"), respond(504, "")}, 3,
			0, domain.Accepted, nil},
		{"an incomplete request", []http.HandlerFunc{respond(408, `{"type":"/problems/cut-off"}`)}, 2, 0,
			domain.Accepted, nil},
		{"invalid", []http.HandlerFunc{respond(422, `{"verdict":`+invalid+`}`)}, 1, 0, domain.Invalid, nil},
		{"Retry-After above Patience",
			[]http.HandlerFunc{respond(503, "", "Retry-After", "999999999"), respond(503, "", "Retry-After", "20"),
				respond(503, "", "Retry-After", "20")}, 3, time.Minute, "", ErrUnknown},
		{"forbidden", []http.HandlerFunc{respond(403, `{"type":"/problems/forbidden","detail":"no"}`)}, 1,
			0, "", &Problem{}},
		{"a redirect", []http.HandlerFunc{respond(307, "", "Location", "http://elsewhere.example")}, 1, 0, "",
			&Problem{}},
		{"422 without a verdict", []http.HandlerFunc{respond(422, "{}")}, 1, 0, "", &Problem{}},
		{"another command's verdict", []http.HandlerFunc{respond(200, strings.Replace(accepted, `"x"`, `"y"`, 1))},
			1, 0, "", ErrAnswer},
		{"another type's verdict",
			[]http.HandlerFunc{respond(200, strings.Replace(accepted, "login.report", "login.begin", 1))}, 1, 0, "",
			ErrAnswer},
		{"invalid verdict, another id",
			[]http.HandlerFunc{respond(422, `{"verdict":`+strings.Replace(invalid, `"x"`, `"y"`, 1)+`}`)}, 1, 0, "",
			ErrAnswer},
		{"invalid verdict, another type",
			[]http.HandlerFunc{respond(422,
				`{"verdict":`+strings.Replace(invalid, "login.report", "login.begin", 1)+`}`)}, 1, 0, "", ErrAnswer},
		{"invalid verdict without id and type",
			[]http.HandlerFunc{respond(422, `{"verdict":{"status":"invalid"}}`)}, 1, 0, domain.Invalid, nil},
		{"an unknown status",
			[]http.HandlerFunc{respond(200, strings.Replace(accepted, `"accepted"`, `"perhaps"`, 1))}, 1, 0,
			"", ErrAnswer},
		{"no status", []http.HandlerFunc{respond(200, "{}")}, 1, 0, "", ErrAnswer},
		{"no JSON", []http.HandlerFunc{respond(200, "welcome to the hotel network")}, 1, 0, "", ErrAnswer},
		{"nothing", []http.HandlerFunc{respond(200, "")}, 1, 0, "", ErrAnswer},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				node := &script{answers: c.given}
				client, err := New(Options{URL: "https://ledger.example", Token: "t", Transport: node})
				if err != nil {
					t.Fatal(err)
				}
				begun := time.Now()
				v, err := client.Do(t.Context(), "x", &domain.LoginReport{User: "alice", Outcome: domain.Succeeded})
				if took := time.Since(begun); took < c.took || took > max(2*c.took, time.Second) {
					t.Errorf("Do took %v, want about %v", took, c.took)
				}
				if v.Status != c.status || len(node.asked) != c.asked ||
					strings.Join(node.asked, "") != strings.Repeat("x", c.asked) {
					t.Errorf("Do: got %+v after the ids %v, want status %q after %d requests", v, node.asked,
						c.status, c.asked)
				}
				var p *Problem
				want := c.wrong
				if (want == nil) != (err == nil) ||
					(want != nil && !errors.Is(err, want) && !(errors.As(want, &p) && errors.As(err, &p))) {
					t.Errorf("Do: got error %v, want %v", err, want)
				}
			})
		})
	}
}

// A refused login can't be finished, and the zero values permit nothing.
func TestRefusedLoginPermitsNothing(t *testing.T) {
	if new(Login).Allowed() || new(Verdict).Accepted() {
		t.Error("a zero value permits, want a refusal")
	}
	refused := `{"id":"begin:a","type":"login.begin","status":"refused","reason":"locked_out",` +
		`"result":{"locked":true}}`
	node := &script{answers: []http.HandlerFunc{respond(200, refused), respond(403, "{}")}}
	client, err := New(Options{URL: "https://ledger.example", Transport: node})
	if err != nil {
		t.Fatal(err)
	}
	login, err := client.BeginLogin(t.Context(), domain.LoginBegin{User: "alice", Attempt: "a"})
	if err != nil || login.Allowed() || !login.Result.Locked {
		t.Fatalf("BeginLogin of a locked user: got %+v, %v, want a locked user without permission", login, err)
	}
	if v, _, err := login.Succeeded(t.Context(), "", ""); err == nil || v.Accepted() || len(node.asked) != 1 {
		t.Errorf("Succeeded of a refused login: got %+v, %v, requests %v, want an error and 1 request", v, err,
			node.asked)
	}
	if login, err := client.BeginLogin(t.Context(),
		domain.LoginBegin{User: "alice", Attempt: "b"}); err == nil || login.Allowed() {
		t.Errorf("BeginLogin with the answer 403: got %+v, %v, want an error", login, err)
	}
}

// A batch is split into requests, and an error names the commands that failed.
func TestBatchIsSplit(t *testing.T) {
	requests := 0
	node := roundTrip(func(r *http.Request) (*http.Response, error) {
		w := httptest.NewRecorder()
		if requests == 2 {
			respond(403, "{}")(w, r)
			return w.Result(), nil
		}
		verdicts := make([]string, batchCommands)
		for i := range verdicts {
			verdicts[i] = fmt.Sprintf(`{"id":"%d","type":"login.report","status":"accepted"}`,
				requests*batchCommands+i)
		}
		requests++
		respond(200, "["+strings.Join(verdicts, ",")+"]")(w, r)
		return w.Result(), nil
	})
	client, err := New(Options{URL: "https://ledger.example", Source: "gateway/g", Transport: node})
	if err != nil {
		t.Fatal(err)
	}
	commands := make([]Command, 2*batchCommands+1)
	for i := range commands {
		commands[i] = Command{ID: fmt.Sprint(i), Time: time.Now(),
			Data: &domain.LoginReport{User: "alice", Outcome: domain.Succeeded}}
	}
	verdicts, err := client.Batch(t.Context(), commands)
	p := (*Problem)(nil)
	if len(verdicts) != 2*batchCommands || !errors.As(err, &p) ||
		!strings.Contains(err.Error(), "commands 2000 to 2000") {
		t.Errorf("batch: got %d verdicts, %v, want an error about commands 2000 to 2000", len(verdicts), err)
	}
	client.options.Source = ""
	if _, err := client.Batch(t.Context(), commands); !errors.Is(err, errNoSource) {
		t.Errorf("batch with a command without a source: got error %v, want %v", err, errNoSource)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
