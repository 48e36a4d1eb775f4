package console

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"authledger/domain"
	"authledger/domain/access"
	"authledger/domain/operations"
	"authledger/eventstore"
	"authledger/eventstore/wire"
	"authledger/projections"
	"authledger/projections/queries"
)

// recordOperations are the operations whose answers the page of a record shows.
var recordOperations = []string{"record", "why"}

const purposeField = "purpose"

// recordBody is the body of the page of a record.
type recordBody struct {
	recordRow
	Committed         time.Time
	Stream            uint64 // position of the commit in the stream
	Policy, ID, By    string
	Content           string // SHA-256 of the content of the command
	Commit            string // SHA-256 of the commit
	CommitBefore      string // SHA-256 of the commit before it, as the commit states it
	LastBefore        uint64 // last record of the commit before it, 0 for none
	Entities          []entityLink
	All               []eventRow
	Why               *queries.Why // nil if the caller may not read it
	IsNotReproducible bool
	After             uint64 // of the page of the explanation
	Line              string // the stored line, indented; "" if the caller may not read records
	HasPersonal       bool
	MayReveal         bool
	Revealed          string // state of the personal data: open, erased or expired, "" for sealed
	Previous, Next    uint64 // 0 for none
	Acts              []actLink
}

// entityLink is an entity of a record. Path is "" for an entity without a page.
type entityLink struct{ Name, Path string }

type eventRow struct {
	Type  string
	At    time.Time
	Of    string // the entity that the event concerns, "" for the first one of the record
	Facts []fact
}

func (v *visit) getRecord() error {
	r, path, err := v.requestedRecord()
	if err != nil {
		return err
	}
	if err := v.recordRead(path); err != nil {
		return err
	}
	return v.writeRecord(r, "", nil)
}

// requestedRecord returns the record in the path, if it existed at the moment of the page.
func (v *visit) requestedRecord() (r *domain.Record, path string, err error) {
	seq, err := strconv.ParseUint(v.r.PathValue(operations.Seq), 10, 63)
	if err != nil || seq == 0 {
		return nil, "", &failure{status: http.StatusNotFound, key: "norecord"}
	}
	if seq > v.moment.asOf.Seq {
		return nil, "", projections.ErrAhead
	}
	record, err := v.Ledger.Record(v.r.Context(), seq)
	if err == nil && !v.moment.until.IsZero() && record.Time.After(v.moment.until) {
		err = projections.ErrAhead
	}
	return &record, "/records/" + strconv.FormatUint(seq, 10), err
}

// postReveal shows the personal members of a record. The ledger records the purpose before
// the page is sent.
func (v *visit) postReveal() error {
	purpose := strings.TrimSpace(v.r.PostForm.Get(purposeField))
	switch {
	case !v.caller.Role.May(access.Reveal) || !v.may("record"):
		return &failure{status: http.StatusForbidden, key: "forbidden"}
	case purpose == "" || len(purpose) > operations.PurposeBytesMax:
		return &failure{status: http.StatusBadRequest, key: "purpose"}
	}
	r, path, err := v.requestedRecord()
	if err != nil {
		return err
	}
	if err := v.options.Shared.RecordRead(v.r.Context(), v.caller, path, purpose, true); err != nil {
		return err
	}
	plain, err := v.Ledger.Reveal(r)
	switch {
	case errors.Is(err, eventstore.ErrErased) && r.MonthOwner() != "":
		return v.writeRecord(r, "expired", nil)
	case errors.Is(err, eventstore.ErrErased):
		return v.writeRecord(r, "erased", nil)
	}
	if err != nil {
		return err
	}
	return v.writeRecord(r, "open", plain)
}

// writeRecord writes the page of a record. revealed is the state of the personal data.
func (v *visit) writeRecord(r *domain.Record, revealed string, plain []byte) error {
	shown := v.caller.Role.Shown(r)
	b := &recordBody{
		recordRow: v.recordRow("", r), Policy: r.Policy, ID: shown.Command.ID,
		By: shown.Command.Caller, HasPersonal: r.Personal != nil, Revealed: revealed,
	}
	if !shown.IsWithoutCase() {
		b.Content = hex.EncodeToString(r.Content[:])
	}
	b.MayReveal = b.HasPersonal && revealed == "" && v.caller.Role.May(access.Reveal) && v.may("record")
	for _, e := range r.Entities {
		b.Entities = append(b.Entities, v.linkOf(e))
	}
	for i := range r.Events {
		b.All = append(b.All, eventRowOf(r, &r.Events[i]))
	}
	if b.Previous = r.Seq - 1; r.Seq < v.moment.asOf.Seq {
		b.Next = r.Seq + 1
	}
	commit, err := v.Ledger.Commit(v.r.Context(), r.Seq)
	if err != nil {
		return err
	}
	b.Stream, b.Committed, b.LastBefore = commit.Stream, commit.Time, commit.First-1
	b.Commit, b.CommitBefore = hex.EncodeToString(commit.Hash[:]), hex.EncodeToString(commit.Prev[:])
	if v.may("record") {
		b.Line = storedLine(shown, revealed, plain)
	}
	if b.Acts, err = v.recordActs(r); err != nil {
		return err
	}
	if v.may("why") {
		if err := v.explain(b); err != nil {
			return err
		}
	}
	v.write(http.StatusOK, "record", "record.title", b)
	return nil
}

// recordActs returns the links of the acts on the item that a record began, if the item waits for an
// officer or can be revoked now.
func (v *visit) recordActs(r *domain.Record) ([]actLink, error) {
	switch data := r.Command.Data.(type) {
	case *domain.SharingRequest:
		it, err := v.item(domain.SharingKey(data.Sharing))
		if s, ok := it.(*domain.Sharing); ok && s.State == domain.Pending {
			return v.linkNow([]string{data.Sharing}, &sharingReview), err
		}
		return nil, err
	case *domain.CodeIssue:
		it, err := v.item(domain.CodeKey(data.User, data.Code))
		if c, ok := it.(*domain.Code); ok && c.IsLive() {
			return v.linkNow([]string{data.User, data.Code}, &codeRevoke), err
		}
		return nil, err
	}
	return nil, nil
}

// explain adds a page of the explanation.
func (v *visit) explain(b *recordBody) (err error) {
	if text := v.r.URL.Query().Get(operations.After); text != "" {
		if b.After, err = strconv.ParseUint(text, 10, 63); err != nil {
			return errBadFilter
		}
	}
	b.Why, err = v.Queries.Why(v.r.Context(), b.Seq, b.After)
	if isNotReproducible(err) {
		b.IsNotReproducible = true
		return nil
	}
	return err
}

// storedLine returns the stored line in indented JSON, with the personal data as the caller may
// see it.
func storedLine(r *domain.Record, revealed string, plain []byte) string {
	var line []byte
	switch revealed {
	case "open":
		line = wire.AppendRevealed(nil, r, plain)
	case "erased", "expired":
		line = wire.AppendErased(nil, r)
	default:
		line = wire.AppendShown(nil, r)
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, line, "", "  "); err != nil {
		return string(line)
	}
	return indented.String()
}

// linkOf returns an entity with the path of its page.
func (v *visit) linkOf(e domain.Entity) entityLink {
	if name, ok := e.User(); ok && v.mayAny(userOperations) {
		return entityLink{string(e), "/users/" + url.PathEscape(name)}
	}
	if id, ok := e.Account(); ok && v.mayAny(accountOperations) {
		return entityLink{string(e), "/accounts/" + id}
	}
	return entityLink{string(e), ""}
}

func (v *visit) mayAny(names []string) bool { return slices.ContainsFunc(names, v.may) }

func eventRowOf(r *domain.Record, e *domain.Event) eventRow {
	row := eventRow{Type: e.Data.EventType(), At: e.At}
	if len(r.Entities) > 0 && e.Entity != r.Entities[0] {
		row.Of = string(e.Entity)
	}
	e.Data.Members(&memberList{facts: &row.Facts})
	return row
}
