package console

import (
	"bytes"
	"encoding/csv"
	"net/http"
	"strconv"
	"strings"

	"authledger/adapters/csvlist"
	"authledger/domain"
	"authledger/eventstore/wire"
)

// Paths of the page of all records and of its downloads.
const (
	explorePath = "/records"
	linesPath   = "/records.jsonl"
	tablePath   = "/records.csv"
)

func (v *visit) getLines() error {
	return v.download("application/jsonl", func(b *bytes.Buffer, all []domain.Record) error {
		for i := range all {
			b.Write(wire.AppendShown(nil, v.caller.Role.Shown(&all[i])))
			b.WriteByte('\n')
		}
		return nil
	})
}

func (v *visit) getTable() error {
	return v.download("text/csv; charset=utf-8", v.writeTable)
}

// download sends the records that the page with the same parameters shows, as a file.
func (v *visit) download(contentType string, format func(*bytes.Buffer, []domain.Record) error) error {
	f, err := v.exploreFilter()
	if err != nil {
		return err
	}
	if err := v.recordRead(f.in(v.route.path)); err != nil {
		return err
	}
	s, err := v.search(&f)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := format(&b, s.records); err != nil {
		return err
	}
	text, h := b.Bytes(), v.w.Header()
	if v.route.path != linesPath { // the lines are records as the log stores them
		text = v.Ledger.Names().Show(text)
	}
	h.Set("Content-Type", contentType)
	h.Set("Content-Length", strconv.Itoa(len(text)))
	h.Set("Content-Disposition", `attachment; filename="authledger-`+strings.TrimPrefix(v.route.path,
		"/")+`"`)
	v.w.WriteHeader(http.StatusOK)
	_, _ = v.w.Write(text) // a client that disconnected can repeat the request
	return nil
}

// tableHead is the first line of a table.
var tableHead = []string{
	"record", "time", "type", "status", "reason", "detail", "entities", "events", "source", "id", "caller",
	"policy", "late",
}

// writeTable writes records as CSV (RFC 4180).
func (v *visit) writeTable(b *bytes.Buffer, all []domain.Record) error {
	w := csv.NewWriter(b)
	w.UseCRLF = true
	if err := w.Write(tableHead); err != nil {
		return err
	}
	for i := range all {
		r := v.caller.Role.Shown(&all[i])
		var entities, events []string
		for _, e := range r.Entities {
			entities = append(entities, string(e))
		}
		for j := range r.Events {
			events = append(events, r.Events[j].Data.EventType())
		}
		line := []string{
			strconv.FormatUint(r.Seq, 10), string(wire.AppendTime(nil, r.Time)), r.Command.Data.CommandType(),
			string(r.Status),
			string(r.Reason), r.Detail, strings.Join(entities, " "), strings.Join(events, " "),
			r.Command.Source, r.Command.ID,
			r.Command.Caller, r.Policy, strconv.FormatBool(r.Late),
		}
		for j := range line {
			line[j] = csvlist.Cell(line[j])
		}
		if err := w.Write(line); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}
