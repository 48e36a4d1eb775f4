package console

import (
	"bytes"
	"cmp"
	"net/http"
	"slices"
	"strconv"

	"authledger/domain"
	"authledger/domain/operations"
	"authledger/eventstore"
)

// followPath is the path of the stream of new records.
const followPath = "/records/live"

// followRead is the maximum number of records that one event of the stream compares with the filter.
const followRead = 4096

// followBody is the body of one event: new records, the newest first.
type followBody struct {
	Rows    []recordRow
	Skipped bool // more records were committed than one event can have
}

// getFollow sends the records that the filter selects as they are committed, as server-sent events with
// rows of the table. The stream begins after the record in the parameter after or, when a browser
// connects again, in the header Last-Event-ID.
func (v *visit) getFollow() error {
	f, err := v.exploreFilter()
	if err != nil {
		return err
	}
	if err := v.goOnAfter(cmp.Or(v.r.Header.Get(lastEventID), v.r.URL.Query().Get(operations.After))); err != nil {
		return err
	}
	return v.stream(f.in(followPath), v.waitForNews, func() ([]byte, error) { return v.followEvent(&f) })
}

// followEvent returns the event with the records after the position of the page, and moves the
// position to the newest record. Without a record of the filter, the event has the position only.
func (v *visit) followEvent(f *exploreFilter) ([]byte, error) {
	if v.options.Shared.LimitCaller(v.caller, exploreCost) > 0 {
		return tooFast, nil
	}
	after := v.moment.asOf.Seq
	if err := v.findMoment(); err != nil {
		return nil, err
	}
	last := v.moment.asOf.Seq
	b := followBody{Skipped: last-after > followRead}
	if b.Skipped {
		after = last - followRead
	}
	var found []*domain.Record
	for from := after + 1; from <= last; {
		page, next, err := v.Ledger.Page(v.r.Context(), from, last, eventstore.Filter{})
		if err != nil {
			return nil, err
		}
		page = slices.DeleteFunc(page, func(r *domain.Record) bool { return !f.wants(r) })
		found, from = append(found, page...), next
	}
	if len(found) > exploreShown {
		b.Skipped, found = true, found[len(found)-exploreShown:]
	}
	if len(found) == 0 && !b.Skipped {
		return []byte("id: " + strconv.FormatUint(last, 10) + "\n\n"), nil // an event without data
	}
	for _, r := range slices.Backward(found) {
		b.Rows = append(b.Rows, v.recordRow("", r))
	}
	return v.event("explore", "rows-live", &b)
}

// event returns an event with the HTML of a template, and with the position of the page as its id.
func (v *visit) event(name, template string, body any) ([]byte, error) {
	var b bytes.Buffer
	if err := pages()[name].ExecuteTemplate(&b, template, &page{v, name, "", body}); err != nil {
		return nil, err
	}
	event := []byte("id: " + strconv.FormatUint(v.moment.asOf.Seq, 10) + "\n")
	for line := range bytes.Lines(v.shown(b.Bytes())) {
		if line = bytes.TrimSpace(line); len(line) > 0 {
			event = append(append(append(event, "data: "...), line...), '\n')
		}
	}
	return append(event, '\n'), nil
}

// followLink returns the path of the stream after the position of the page, "" for a page whose list
// gets no new record.
func (v *visit) followLink(f *exploreFilter) string {
	if v.moment.isPast || f.before > 0 || v.r.Method != http.MethodGet {
		return ""
	}
	path := f.in(followPath)
	separator := "?"
	if path != followPath {
		separator = "&"
	}
	return path + separator + operations.After + "=" + strconv.FormatUint(v.moment.asOf.Seq, 10)
}
