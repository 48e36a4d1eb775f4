package httpapi

import (
	"context"
	"mime"
	"net/http"
	"strings"
	"time"

	"authledger/domain"
	"authledger/domain/access"
	"authledger/eventstore/wire"
)

// Bounds of requests with commands.
const (
	commandBytesMax = 128 << 10 // a record holds at most 64 KiB; the JSON of a command may be longer because of escapes
	batchBytesMax   = 8 << 20
	commandsMax     = access.BurstMin  // commands of one batch
	commandsAtOnce  = 2048             // requests with a body of up to 128 KiB
	batchesAtOnce   = 32               // requests with a body of up to 8 MiB
	verdictWithin   = 20 * time.Second // maximum wait for a verdict; then the server reports an unknown outcome
)

// received is a command of a request. If the parser rejected the command, rejection is the
// reason.
type received struct {
	command   domain.Command
	rejection *domain.Rejection
	isEvent   bool // the client sent a CloudEvent, and the server answers with a CloudEvent
}

func (in *received) verdict() domain.Verdict { return in.rejection.Verdict(&in.command) }

// postCommands accepts CloudEvents in the structured, the binary and the batch mode of
// their HTTP binding.
func (s *Server) postCommands(c *call, w *answer, r *http.Request) error {
	kind := mediaType(r.Header)
	if kind == batchType {
		return s.postBatch(c, w, r)
	}
	structured := kind == eventType
	if !structured && (!isPlainJSON(kind) || r.Header.Get("Ce-Specversion") == "") {
		return c.wantJSON(r, eventType+", "+batchType+", or with ce- headers "+jsonType+" or another type that ends in +json")
	}
	body, release, err := s.commands.readLimited(c, w, r, commandBytesMax, commandBodyWithin)
	if err != nil {
		return err
	}
	defer release()
	if !structured {
		return s.postBinary(c, w, r, body)
	}
	command, rejection := wire.ReadCommand(body)
	return s.submit(c, w, r, received{command, rejection, true})
}

// mediaType returns the media type of the body without parameters, "" for a missing or
// invalid one.
func mediaType(h http.Header) string {
	kind, _, err := mime.ParseMediaType(h.Get(contentTypeHeader))
	if err != nil {
		return ""
	}
	return kind
}

// isPlainJSON reports whether a media type is JSON, and neither a CloudEvent nor a batch.
func isPlainJSON(kind string) bool {
	return wire.IsJSON(kind) && !strings.HasPrefix(kind, "application/cloudevents")
}

func (s *Server) postBinary(c *call, w *answer, r *http.Request, body []byte) error {
	attributes, rejection := wire.ReadAttributes(r.Header)
	if rejection != nil {
		return s.submit(c, w, r, received{domain.Command{ID: attributes.ID, Source: attributes.Source}, rejection, true})
	}
	command, rejection := wire.ReadBinary(attributes, body)
	return s.submit(c, w, r, received{command, rejection, true})
}

// postTyped accepts the data of a command as plain JSON. The command gets the source of the
// token, the id in the header Idempotency-Key, and the time at which the server received it
// . A local caller has no token: its command gets the source in the header Ce-Source, or
// the source of the caller without that header.
func (s *Server) postTyped(c *call, w *answer, r *http.Request) error {
	if len(r.Header.Values(contentTypeHeader)) > 0 && !isPlainJSON(mediaType(r.Header)) {
		return c.wantJSON(r, jsonType)
	}
	body, release, err := s.commands.readLimited(c, w, r, commandBytesMax, commandBodyWithin)
	if err != nil {
		return err
	}
	defer release()
	command := domain.Command{Source: c.caller.Source, Stamped: true}
	if err := c.chooseSource(&command, r.Header); err != nil {
		return err
	}
	id, err := wire.ReadKey(r.Header.Values(idempotencyKeyHeader))
	if err != nil {
		return bad("Idempotency-Key: %v", err)
	}
	if wrong := domain.WrongEnvelope(id, domain.IDBytesMax); wrong != "" {
		return bad("Idempotency-Key: %s", wrong)
	}
	command.ID = id
	data, rejection := wire.ReadTyped(r.PathValue(typePath), body)
	command.Data = data
	return s.submit(c, w, r, received{command, rejection, false})
}

// chooseSource sets the source of a local caller's command from the header Ce-Source,
// because a local caller may choose any source, as a command that opens the data directory
// may. The server ignores the header for other callers.
func (c *call) chooseSource(command *domain.Command, h http.Header) error {
	names := h.Values(sourceHeader)
	if c.caller.Role != access.Local || len(names) == 0 {
		return nil
	}
	source, err := wire.DecodeAttribute(names[0])
	if err != nil {
		return bad("%s: %v", sourceHeader, err)
	}
	if wrong := domain.WrongEnvelope(source, domain.SourceBytesMax); wrong != "" {
		return bad("%s: %s", sourceHeader, wrong)
	}
	if domain.ReservedSource(source) {
		return bad("%s: reserved for the ledger itself", sourceHeader)
	}
	command.Source = source
	return nil
}

// submit passes one command to the ledger and answers with its verdict.
func (s *Server) submit(c *call, w *answer, r *http.Request, in received) error {
	if in.rejection != nil {
		verdict := in.verdict()
		s.observe(in.command.Data, string(domain.Invalid))
		return invalid(&verdict)
	}
	verdict, err := s.decide(c, r.Context(), in.command)
	if err != nil {
		return err
	}
	if verdict.Status == domain.Invalid {
		return invalid(&verdict)
	}
	if in.isEvent {
		setVerdictEvent(w.Header(), c.ledger.Realm(), &verdict)
	}
	w.writeJSON(wire.AppendVerdict(nil, &verdict))
	return nil
}

func invalid(v *domain.Verdict) *problem {
	return &problem{status: http.StatusUnprocessableEntity, kind: invalidCommand, detail: v.Detail, verdict: v}
}

// setVerdictEvent makes an answer with a verdict a CloudEvent in binary mode, whose data is
// the body. The answer to a retried command has the same event id, because the event id
// consists of the source and the id of the command.
func setVerdictEvent(h http.Header, realm string, v *domain.Verdict) {
	h.Set("Ce-Specversion", "1.0")
	h.Set("Ce-Id", wire.EncodeAttribute(v.Source+"/"+v.ID))
	h.Set("Ce-Source", "ledger/"+realm)
	h.Set("Ce-Type", v.Type+".verdict")
	h.Set("Ce-Time", string(wire.AppendTime(nil, v.Time)))
}

// problemEvent is the type of the event that answers a CloudEvent without a verdict.
const problemEvent = "command.problem"

// setProblemEvent makes a problem a CloudEvent in binary mode. The Go SDK of CloudEvents
// reports an answer that is not an event as an acknowledgement, even if its status is an
// error.
func setProblemEvent(h http.Header, requestID string, at time.Time) {
	h.Set("Ce-Specversion", "1.0")
	h.Set("Ce-Id", requestID)
	h.Set("Ce-Source", commandsPath)
	h.Set("Ce-Type", problemEvent)
	h.Set("Ce-Time", string(wire.AppendTime(nil, at)))
}

// decide submits a command of the caller and returns its verdict. It returns after the
// record is on disk. If the client disconnects, the ledger still decides the submitted
// command.
func (s *Server) decide(c *call, ctx context.Context, command domain.Command) (domain.Verdict, error) {
	if err := s.authorize(c, &command); err != nil {
		return domain.Verdict{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, verdictWithin)
	defer cancel()
	verdict, err := c.ledger.Do(ctx, command)
	if err != nil {
		s.observe(command.Data, "unknown")
	} else {
		s.observe(command.Data, string(verdict.Status))
	}
	return verdict, err
}

// authorize returns an error if the caller may not submit the command, and sets the
// command's caller.
func (s *Server) authorize(c *call, command *domain.Command) error {
	if err := c.caller.Admits(command); err != nil {
		s.observe(command.Data, "denied")
		return err
	}
	command.Caller, command.Backfill = c.caller.Name, c.caller.Role == access.Importer || c.backfill
	return nil
}

func (s *Server) observe(data domain.CommandData, status string) {
	kind := ""
	if data != nil {
		kind = data.CommandType()
	}
	s.options.Observe.Command(kind, status)
}
