package httpapi

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"authledger/access"
	"authledger/domain"
	"authledger/eventstore/wire"
)

// Bounds of what a request may hold.
const (
	commandBytesMax = 128 << 10 // a record has 64 KiB; JSON can say it at length
	batchBytesMax   = 8 << 20
	commandsMax     = 1000             // of a batch
	commandsAtOnce  = 2048             // requests with a body of up to 128 KiB
	batchesAtOnce   = 32               // requests with a body of up to 8 MiB
	verdictWithin   = 20 * time.Second // then the outcome is told as unknown
)

// givesCommands reports whether a role may give any command.
func givesCommands(r access.Role) bool {
	for _, kind := range domain.ClientCommands() {
		if r.May(access.Right(kind)) {
			return true
		}
	}
	return false
}

// received is a command that came in, or why it is none.
type received struct {
	command   domain.Command
	rejection *domain.Rejection
}

func (in *received) verdict() domain.Verdict { return in.rejection.Verdict(&in.command) }

// postCommands takes CloudEvents in the three modes of their HTTP binding.
func (s *Server) postCommands(c *call, w *answer, r *http.Request) error {
	kind := mediaType(r.Header)
	if kind == "application/cloudevents-batch+json" {
		return s.postBatch(c, w, r)
	}
	leave, err := s.commands.enter(r.Context())
	if err != nil {
		return err
	}
	defer leave()
	switch {
	case kind == "application/cloudevents+json":
		body, err := readBody(w, r, commandBytesMax)
		if err != nil {
			return err
		}
		command, rejection := wire.ReadCommand(body)
		return s.give(c, w, r, received{command, rejection})
	case kind == jsonType && r.Header.Get("Ce-Specversion") != "":
		return s.postBinary(c, w, r)
	}
	return &problem{status: http.StatusUnsupportedMediaType, kind: unsupported,
		detail: "want application/cloudevents+json, application/cloudevents-batch+json, or application/json with ce- headers"}
}

const jsonType = "application/json"

// mediaType is that of the body, without parameters: "" if there is none, or more
// than one.
func mediaType(h http.Header) string {
	values := h.Values("Content-Type")
	if len(values) != 1 {
		return ""
	}
	kind, _, err := mime.ParseMediaType(values[0])
	if err != nil {
		return ""
	}
	return kind
}

func (s *Server) postBinary(c *call, w *answer, r *http.Request) error {
	body, err := readBody(w, r, commandBytesMax)
	if err != nil {
		return err
	}
	attributes, rejection := binaryAttributes(r.Header)
	if rejection != nil {
		return s.give(c, w, r, received{domain.Command{ID: attributes.ID, Source: attributes.Source}, rejection})
	}
	command, rejection := wire.ReadBinary(attributes, body)
	return s.give(c, w, r, received{command, rejection})
}

// binaryAttributes reads the ce- headers, percent-decoded as the binding of
// CloudEvents to HTTP has it. One that is there twice could be read either way.
func binaryAttributes(h http.Header) (a wire.Attributes, _ *domain.Rejection) {
	for _, at := range []struct {
		name string
		text *string
	}{{"specversion", &a.SpecVersion}, {"id", &a.ID}, {"source", &a.Source}, {"type", &a.Type}, {"time", &a.Time}} {
		values := h.Values("Ce-" + at.name)
		if len(values) == 0 {
			continue
		}
		text, err := attributeText(values[0])
		if len(values) > 1 || err != nil {
			return a, &domain.Rejection{Reason: domain.Malformed, Field: at.name, Detail: "want one header ce-" + at.name + ", percent-encoded"}
		}
		*at.text = text
	}
	return a, nil
}

// attributeText is the value of a ce- header: quotation marks around it belong to
// HTTP, percent signs to CloudEvents (binding to HTTP, 3.1.3.2).
func attributeText(value string) (string, error) {
	if quoted, ok := strings.CutPrefix(value, `"`); ok {
		quoted, ok = strings.CutSuffix(quoted, `"`)
		if value = unescape(quoted); !ok {
			return "", errQuote
		}
	}
	return url.PathUnescape(value)
}

var errQuote = errors.New("a quotation mark is missing")

// unescape takes the backslashes of a quoted string away (RFC 9110, 5.6.4).
func unescape(quoted string) string {
	var b strings.Builder
	for i := 0; i < len(quoted); i++ {
		if quoted[i] == '\\' && i+1 < len(quoted) {
			i++
		}
		b.WriteByte(quoted[i])
	}
	return b.String()
}

// postTyped takes the bare data of a command: its source is the caller's, its id
// the Idempotency-Key, its time the server's.
func (s *Server) postTyped(c *call, w *answer, r *http.Request) error {
	if len(r.Header.Values("Content-Type")) > 0 && mediaType(r.Header) != jsonType {
		return &problem{status: http.StatusUnsupportedMediaType, kind: unsupported, detail: "want application/json, or no Content-Type"}
	}
	leave, err := s.commands.enter(r.Context())
	if err != nil {
		return err
	}
	defer leave()
	body, err := readBody(w, r, commandBytesMax)
	if err != nil {
		return err
	}
	command := domain.Command{Source: c.caller.Source, Stamped: true}
	keys := r.Header.Values("Idempotency-Key")
	if len(keys) != 1 || domain.WrongEnvelope(keys[0], domain.IDBytesMax) != "" {
		return s.give(c, w, r, received{command, &domain.Rejection{Reason: domain.Malformed, Field: "id",
			Detail: "want one header Idempotency-Key (over NATS: ce-id), the same again when the command is sent again"}})
	}
	command.ID = keys[0]
	data, rejection := wire.ReadTyped(r.PathValue("type"), body)
	command.Data = data
	return s.give(c, w, r, received{command, rejection})
}

// give hands one command to the ledger, and answers with its verdict.
func (s *Server) give(c *call, w *answer, r *http.Request, in received) error {
	if err := limited(s.limits.credential(c.caller, 1)); err != nil {
		return err
	}
	if in.rejection != nil {
		return s.invalid(&in)
	}
	verdict, err := s.decide(c, r.Context(), in.command)
	if err != nil {
		return err
	}
	if verdict.Status == domain.Invalid {
		return &problem{status: http.StatusUnprocessableEntity, kind: invalidCommand, detail: verdict.Detail, verdict: &verdict}
	}
	writeJSON(w, wire.AppendVerdict(nil, &verdict))
	return nil
}

func (s *Server) invalid(in *received) error {
	verdict := in.verdict()
	s.observe(in.command.Data, string(domain.Invalid))
	return &problem{status: http.StatusUnprocessableEntity, kind: invalidCommand, detail: verdict.Detail, verdict: &verdict}
}

// decide is a command's way to its verdict, for the caller.
func (s *Server) decide(c *call, ctx context.Context, command domain.Command) (domain.Verdict, error) {
	if err := s.allow(c, &command); err != nil {
		return domain.Verdict{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, verdictWithin)
	defer cancel()
	verdict, err := c.ledger.Do(ctx, command)
	s.told(command.Data, &verdict, err)
	return verdict, err
}

// allow judges whether the caller may give the command, and says in it who gave it.
func (s *Server) allow(c *call, command *domain.Command) error {
	if err := c.caller.Admits(command); err != nil {
		s.observe(command.Data, "denied")
		return err
	}
	command.Caller, command.Backfill = c.caller.Name, c.caller.Role == access.Importer
	return nil
}

func (s *Server) told(data domain.CommandData, v *domain.Verdict, err error) {
	if err != nil {
		s.observe(data, "unknown")
		return
	}
	s.observe(data, string(v.Status))
}

func (s *Server) observe(data domain.CommandData, status string) {
	kind := ""
	if data != nil {
		kind = data.CommandType()
	}
	s.options.Observe.Command(kind, status)
}

// places bound how many requests of a kind hold a body in memory. Others wait until
// one is through, or until they give up.
type places chan struct{}

func (p places) enter(ctx context.Context) (leave func(), err error) {
	select {
	case p <- struct{}{}:
		return func() { <-p }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// readBody reads all of it, or says that it is too large.
func readBody(w http.ResponseWriter, r *http.Request, most int64) ([]byte, error) {
	if r.Header.Get("Content-Encoding") != "" {
		return nil, &problem{status: http.StatusUnsupportedMediaType, kind: unsupported, detail: "want a body without Content-Encoding"}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, most))
	if err == nil || errors.As(err, new(*http.MaxBytesError)) {
		return body, err
	}
	return nil, &problem{status: http.StatusRequestTimeout, kind: cutOff, retryAfter: retryBusy, detail: "the body ended before it was whole, or came too slowly: send it again, with the same id"}
}

func writeJSON(w http.ResponseWriter, body []byte) {
	body = append(body, '\n')
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body))) // a cut shows, also to a proxy that speaks HTTP/1.0
	// Whoever asked and went away finds the verdict under the same id.
	_, _ = w.Write(body)
}
