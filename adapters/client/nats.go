package client

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/nats-io/nats.go"
)

// NATS says who asks over NATS, and of whom.
type NATS struct {
	Name  string      // of the token whose NATS key this is
	Seed  string      // path of the file of the key's seed, as `authledger nats key` wrote it
	Realm string      // of the ledger; "" for main
	TLS   *tls.Config // of tls://; nil for what the system trusts
}

// natsTransport carries the client's requests as messages.
type natsTransport struct {
	*natsConn
	subject string // ledger.<realm>.
	name    string
}

func newNATSTransport(o *Options) (*natsTransport, error) {
	if o.NATS.Name == "" || o.NATS.Seed == "" {
		return nil, errors.New("client: give NATS.Name and NATS.Seed, the name of the token and the file of its key")
	}
	t := &natsTransport{subject: "ledger." + o.NATS.Realm + ".", name: o.NATS.Name}
	if o.NATS.Realm == "" {
		t.subject = "ledger.main."
	}
	var err error
	t.natsConn, err = connectNATS(o.URL, &o.NATS)
	return t, err
}

// RoundTrip implements http.RoundTripper. What the server refuses is answered as the
// node would have refused it.
func (t *natsTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	asked, err := t.message(r)
	if err != nil {
		return nil, err
	}
	m, err := t.request(r.Context(), asked)
	switch {
	case err == nil:
		return response(r, m), nil
	case errors.Is(err, errDenied):
		return refused(r, http.StatusForbidden, "forbidden", "the server lets this key say nothing on "+asked.Subject+": is it that of the token "+t.name+", and may its role ask this?"), nil
	case errors.Is(err, errNotLetIn):
		return refused(r, http.StatusUnauthorized, "unauthorized", "the server does not let this key in: is there a token with it that is neither revoked nor has expired?"), nil
	case errors.Is(err, nats.ErrMaxPayload):
		return refused(r, http.StatusRequestEntityTooLarge, "too-large", "the request is larger than a message"), nil
	}
	return nil, err
}

func refused(r *http.Request, status int, kind, detail string) *http.Response {
	body, _ := json.Marshal(problemBody{Type: "#" + kind, Detail: detail}) // of texts alone
	return &http.Response{StatusCode: status, Header: make(http.Header), Body: io.NopCloser(bytes.NewReader(body)), Request: r}
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
