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

	"authledger/domain/operations"
	"authledger/domain/problems"
	"authledger/eventstore/wire"
)

// NATS configures a [Client] over NATS.
type NATS struct {
	Name  string      // name of the token that has the key
	Seed  string      // path of the key file that `authledger nats key` wrote
	Realm string      // realm of the ledger; "" means main
	TLS   *tls.Config // for tls://; nil trusts the certificates that the system trusts
}

// natsTransport sends the requests of the client as messages.
type natsTransport struct {
	*natsConn
	subject string // ledger.<realm>.
	name    string
}

func newNATSTransport(o *Options) (*natsTransport, error) {
	if o.NATS.Name == "" || o.NATS.Seed == "" {
		return nil, errors.New("client: missing NATS.Name or NATS.Seed: set the name of the token and the file of its key")
	}
	t := &natsTransport{subject: "ledger." + o.NATS.Realm + ".", name: o.NATS.Name}
	if o.NATS.Realm == "" {
		t.subject = "ledger.main."
	}
	var err error
	t.natsConn, err = connectNATS(o.URL, &o.NATS)
	return t, err
}

// RoundTrip implements [http.RoundTripper]. If the NATS server rejects the message, RoundTrip
// returns the problem that the node would have returned.
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
		return refused(r, http.StatusForbidden, problems.Forbidden, "the NATS server rejects the subject "+asked.Subject+" for this key: check that the key belongs to the token "+t.name+" and that its role permits the request"), nil
	case errors.Is(err, errKeyRejected):
		return refused(r, http.StatusUnauthorized, problems.Unauthorized, "the NATS server rejects this key: check that a token with the key exists and is neither revoked nor expired"), nil
	case errors.Is(err, nats.ErrMaxPayload):
		return refused(r, http.StatusRequestEntityTooLarge, problems.TooLarge, "the request exceeds the maximum message size of the NATS server"), nil
	}
	return nil, err
}

func refused(r *http.Request, status int, kind, detail string) *http.Response {
	body, _ := json.Marshal(problemBody{Type: problems.Reference(kind), Detail: detail}) // a struct of strings always encodes
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

// message returns the message of a request for a command or a query.
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
	m := nats.NewMsg(t.subject + "command." + t.name + "." + path[1:])
	m.Data = body
	if keys := r.Header.Values("Idempotency-Key"); len(keys) > 0 {
		id, err := wire.ReadKey(keys)
		if err != nil {
			return nil, err
		}
		m.Header["ce-id"] = []string{wire.EncodeAttribute(id)}
	}
	return m, nil
}

// question returns the message of a query. Its payload is a JSON object with the parameters
// of the path and of the query string.
func (t *natsTransport) question(r *http.Request) (*nats.Msg, error) {
	o, value := operations.Match(r.Method, r.URL.EscapedPath())
	if o == nil {
		return nil, errNoSubject
	}
	members := make(map[string]string)
	for name, values := range r.URL.Query() {
		members[name] = values[0]
	}
	if p := o.PathParameter(); p != nil {
		var err error
		if members[p.Name], err = url.PathUnescape(value); err != nil {
			return nil, errNoSubject
		}
	}
	body, err := json.Marshal(members)
	if err != nil {
		return nil, err
	}
	return &nats.Msg{Subject: t.subject + "query." + t.name + "." + o.Name, Data: body}, nil
}

var errNoSubject = errors.New("client: the path has no subject over NATS")
