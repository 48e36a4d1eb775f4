package client

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
)

// NATS says who asks over NATS, and of whom.
type NATS struct {
	Name  string // of the token whose NATS key this is
	Seed  string // path of the file of the key's seed, as `authledger nats key` wrote it
	Realm string // of the ledger; "" for main
}

// Pauses of a connection that was lost.
const natsAgain = 250 * time.Millisecond

// natsTransport carries the client's requests as messages.
type natsTransport struct {
	conn    *nats.Conn
	subject string // ledger.<realm>.
	name    string

	mu      sync.Mutex
	waiting map[string][]chan struct{} // by subject: closed when the server refuses it
}

func newNATSTransport(o *Options) (*natsTransport, error) {
	if o.NATS.Name == "" || o.NATS.Seed == "" {
		return nil, errors.New("client: give NATS.Name and NATS.Seed, the name of the token and the file of its key")
	}
	if _, err := os.Stat(o.NATS.Seed); err != nil {
		return nil, fmt.Errorf("client: the key: %w", err)
	}
	key, err := nats.NkeyOptionFromSeed(o.NATS.Seed)
	if err != nil {
		return nil, fmt.Errorf("client: the key in %s: %w", o.NATS.Seed, err)
	}
	t := &natsTransport{subject: "ledger." + o.NATS.Realm + ".", name: o.NATS.Name, waiting: make(map[string][]chan struct{})}
	if o.NATS.Realm == "" {
		t.subject = "ledger.main."
	}
	t.conn, err = nats.Connect(o.URL, key, nats.Name("authledger client "+o.NATS.Name), nats.CustomInboxPrefix("_INBOX."+o.NATS.Name),
		nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1), nats.ReconnectWait(natsAgain), nats.ReconnectBufSize(-1),
		nats.IgnoreAuthErrorAbort(), nats.ErrorHandler(t.refused))
	if err != nil {
		return nil, fmt.Errorf("client: connect to nats: %w", err)
	}
	return t, nil
}

// RoundTrip implements http.RoundTripper.
func (t *natsTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	m, err := t.message(r)
	if err != nil {
		return nil, err
	}
	denied := make(chan struct{})
	t.wait(m.Subject, denied)
	defer t.leave(m.Subject, denied)
	type told struct {
		m   *nats.Msg
		err error
	}
	answered := make(chan told, 1)
	go func() {
		m, err := t.conn.RequestMsgWithContext(r.Context(), m)
		answered <- told{m, err}
	}()
	select {
	case a := <-answered:
		if a.err != nil {
			return nil, a.err
		}
		return response(r, a.m), nil
	case <-denied:
		body := `{"type":"/docs/problems#forbidden","detail":"the server lets this key say nothing on ` + m.Subject + `: is it that of the token ` + t.name + `, and may its role ask this?"}`
		return &http.Response{StatusCode: http.StatusForbidden, Header: make(http.Header), Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
	}
}

func response(r *http.Request, m *nats.Msg) *http.Response {
	status := http.StatusOK
	if code := m.Header.Get("Nats-Service-Error-Code"); code != "" {
		var err error
		if status, err = strconv.Atoi(code); err != nil {
			status = http.StatusBadGateway
		}
	}
	return &http.Response{StatusCode: status, Header: http.Header(m.Header), Body: io.NopCloser(bytes.NewReader(m.Data)), Request: r}
}

// message is a request as one: paths of commands and questions have subjects.
func (t *natsTransport) message(r *http.Request) (*nats.Msg, error) {
	path, commands := strings.CutPrefix(r.URL.Path, "/v1/commands")
	if !commands {
		return t.question(r)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	if path == "" {
		path = "/batch"
	}
	m := nats.NewMsg(t.subject + "do." + t.name + "." + path[1:])
	m.Data = body
	if id := r.Header.Get("Idempotency-Key"); id != "" {
		m.Header["ce-id"] = []string{id}
	}
	return m, nil
}

// question is the message of a path that is no command's: its last word is the
// question, what it names is a member, and so is each parameter.
func (t *natsTransport) question(r *http.Request) (*nats.Msg, error) {
	members := make(map[string]string)
	for name := range r.URL.Query() {
		members[name] = r.URL.Query().Get(name)
	}
	name, err := asked(strings.Split(strings.TrimPrefix(r.URL.EscapedPath(), "/v1/"), "/"), members)
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(members)
	if err != nil {
		return nil, err
	}
	return &nats.Msg{Subject: t.subject + "ask." + t.name + "." + name, Data: body}, nil
}

var errNoSubject = errors.New("client: that path has no subject of NATS")

func asked(path []string, members map[string]string) (name string, err error) {
	named := map[string]string{"users": "user", "accounts": "account", "records": "seq", "letters": "position"}[path[0]]
	if len(path) == 1 {
		return path[0], nil
	}
	if named == "" || len(path) > 3 {
		return "", errNoSubject
	}
	if members[named], err = url.PathUnescape(path[1]); err != nil {
		return "", errNoSubject
	}
	switch {
	case len(path) == 2: // one record, one letter
		return strings.TrimSuffix(path[0], "s"), nil
	case named == "position":
		return "letter-" + path[2], nil
	case named == "account" && path[2] == "timeline":
		return "account-timeline", nil
	}
	return path[2], nil
}

var quoted = regexp.MustCompile(`"([^"]+)"`)

// refused hears what the server lets this key not say, which no answer tells.
func (t *natsTransport) refused(_ *nats.Conn, _ *nats.Subscription, err error) {
	subject := quoted.FindStringSubmatch(err.Error())
	if !errors.Is(err, nats.ErrPermissionViolation) || subject == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, denied := range t.waiting[subject[1]] {
		close(denied)
	}
	delete(t.waiting, subject[1])
}

func (t *natsTransport) wait(subject string, denied chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.waiting[subject] = append(t.waiting[subject], denied)
}

func (t *natsTransport) leave(subject string, denied chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := t.waiting[subject]
	for i := range all {
		if all[i] == denied {
			all[i] = all[len(all)-1]
			t.waiting[subject] = all[:len(all)-1]
			break
		}
	}
	if len(t.waiting[subject]) == 0 {
		delete(t.waiting, subject)
	}
}
