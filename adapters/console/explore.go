package console

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"authledger/domain"
	"authledger/domain/operations"
	"authledger/eventstore"
	"authledger/eventstore/wire"
	"authledger/projections/queries"
)

// exploreOperations are the operations whose answers the page of all records shows.
var exploreOperations = []string{"records"}

// Sizes of the page of all records.
const (
	exploreShown = 100  // records of a page
	exploreRead  = 4096 // records that a page reads at most, also if few of them match
	exploreScan  = 256  // the same, with an entity: each of them can be in another commit
	exploreChunk = 64   // records that the first step reads; each further one reads twice as many

	exploreWithin = 30 * time.Millisecond // a search begins no further step after this duration
	exploreCost   = 20                    // requests of the caller's rate, in addition to the request itself
	choiceBytes   = 256                   // maximum length of a text of the filter
)

// sinceField is the name of the parameter with the number of the oldest record of a download.
const sinceField = "since"

// exploreFilter selects records of the log. Its empty fields select all records.
type exploreFilter struct {
	Entity, Type, Status, Reason, Source string
	From, To                             time.Time // of effective times, both included
	before, since                        uint64    // bounds of the numbers of records; before is excluded
}

// exploreFields are the names of the fields of the filter, in the order of the form.
var exploreFields = []string{"entity", "type", "status", "reason", "source", "from", "to"}

// exploreBody is the body of the page of all records.
type exploreBody struct {
	Rows             []recordRow
	Filter           map[string]string
	Types, Statuses  []string
	First, Older     string // paths, "" for none
	IsPartly         bool   // the search ended before it had found a full page
	Lines, Table     string // paths of the downloads
	ReadFrom, ReadTo uint64 // the records that the page has compared with the filter
	HasAll           bool   // no older record remains
	Follow           string // path of the stream of new records, "" for none
}

func (v *visit) exploreFilter() (f exploreFilter, err error) {
	query := v.r.URL.Query()
	for i, to := range []*string{&f.Entity, &f.Type, &f.Status, &f.Reason, &f.Source} {
		if *to = query.Get(exploreFields[i]); len(*to) > choiceBytes {
			return f, errBadFilter
		}
	}
	if f.Entity, err = v.entity(f.Entity); err != nil {
		return f, err
	}
	if f.Status != "" && !slices.Contains(statuses, f.Status) {
		return f, errBadFilter
	}
	if _, err := eventstore.NewFilter(f.Entity, f.Type); err != nil {
		return f, errBadFilter
	}
	for name, to := range map[string]*time.Time{operations.From: &f.From, operations.To: &f.To} {
		text := query.Get(name)
		if text == "" {
			continue
		}
		if *to, err = parseLocal(text); err != nil {
			if *to, err = wire.ReadTime(text); err != nil {
				return f, errBadFilter
			}
		}
	}
	for name, to := range map[string]*uint64{beforeField: &f.before, sinceField: &f.since} {
		if text := query.Get(name); text != "" {
			if *to, err = strconv.ParseUint(text, 10, 63); err != nil {
				return f, errBadFilter
			}
		}
	}
	return f, nil
}

// fields returns the values of the form.
func (f *exploreFilter) fields() map[string]string {
	all := make(map[string]string)
	for i, value := range []string{f.Entity, f.Type, f.Status, f.Reason, f.Source} {
		if value != "" {
			all[exploreFields[i]] = value
		}
	}
	for name, at := range map[string]time.Time{operations.From: f.From, operations.To: f.To} {
		if !at.IsZero() {
			all[name] = at.UTC().Format("2006-01-02T15:04:05")
		}
	}
	return all
}

// in adds the fields of the filter to a path.
func (f *exploreFilter) in(path string) string {
	query := url.Values{}
	for name, value := range f.fields() {
		query.Set(name, value)
	}
	if f.before > 0 {
		query.Set(beforeField, strconv.FormatUint(f.before, 10))
	}
	if f.since > 0 {
		query.Set(sinceField, strconv.FormatUint(f.since, 10))
	}
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}

// wants reports whether the filter selects a record.
func (f *exploreFilter) wants(r *domain.Record) bool {
	isType := f.Type == "" || f.Type == r.Command.Data.CommandType() ||
		slices.ContainsFunc(r.Events, func(e domain.Event) bool { return e.Data.EventType() == f.Type })
	return isType && (f.Status == "" || f.Status == string(r.Status)) &&
		(f.Reason == "" || f.Reason == string(r.Reason)) && (f.Source == "" ||
		f.Source == r.Command.Source) &&
		(f.Entity == "" || slices.Contains(r.Entities, domain.Entity(f.Entity))) &&
		(f.From.IsZero() || !r.Time.Before(f.From)) && (f.To.IsZero() || !r.Time.After(f.To))
}

// found is a page of records, the newest first.
type found struct {
	records []domain.Record
	next    uint64 // value of before for the next page, 0 if no record follows
	to      uint64 // newest record that was compared with the filter
}

// search returns the page of records that the filter selects. It charges the caller, because it
// can read many records.
func (v *visit) search(f *exploreFilter) (found, error) {
	s := found{to: v.moment.asOf.Seq}
	if wait := v.options.Shared.LimitCaller(v.caller, exploreCost); wait > 0 {
		return s, &failure{status: http.StatusTooManyRequests, key: "busy", retryAfter: wait}
	}
	if f.before > 0 {
		s.to = min(s.to, f.before-1)
	}
	if f.Entity != "" {
		page, err := v.Queries.Newest(v.r.Context(), queries.Back{
			Entity: domain.Entity(f.Entity), Before: f.before, Until: v.moment.until, AsOf: v.moment.seq(),
			Limit: exploreShown, Scan: exploreScan, IsWanted: f.wants,
		})
		s.records, s.next = page.Records, page.Next
		return s, err
	}
	return s, v.searchLog(f, &s)
}

// searchLog reads the log in steps from the newest record back. It ends after exploreWithin; with the
// number of a last record it reads up to that record, so that a download has the records of its page.
func (v *visit) searchLog(f *exploreFilter, s *found) error {
	last, least, begun := s.to, max(f.since, 1), time.Now()
	for chunk := uint64(exploreChunk); last >= least && s.to-last < exploreRead; chunk *= 2 {
		if f.since == 0 && chunk > exploreChunk && time.Since(begun) > v.searchWithin {
			break
		}
		first := max(max(last, chunk)-chunk+1, least)
		var step []*domain.Record
		for from := first; from <= last; {
			page, next, err := v.Ledger.Page(v.r.Context(), from, last, eventstore.Filter{})
			if err != nil {
				return err
			}
			step, from = append(step, page...), next
		}
		for i := len(step) - 1; i >= 0; i-- {
			r := step[i]
			if !f.wants(r) || !v.moment.until.IsZero() && r.Time.After(v.moment.until) {
				continue
			}
			if s.records = append(s.records, *r); len(s.records) == exploreShown && r.Seq > 1 {
				s.next = r.Seq
				return nil
			}
		}
		last = first - 1
	}
	if last > 0 {
		s.next = last + 1
	}
	return nil
}

func (v *visit) getExplore() error {
	f, err := v.exploreFilter()
	if err != nil {
		return err
	}
	if err := v.recordRead(f.in(explorePath)); err != nil {
		return err
	}
	s, err := v.search(&f)
	if err != nil {
		return err
	}
	b := &exploreBody{
		Filter: f.fields(), Types: slices.Concat(domain.CommandTypes(), domain.EventTypes()),
		Statuses: statuses,
		ReadTo:   s.to, ReadFrom: max(s.next, 1),
		HasAll: s.next == 0, Follow: v.followLink(&f),
	}
	for i := range s.records {
		b.Rows = append(b.Rows, v.recordRow("", &s.records[i]))
	}
	shown := f
	shown.since = b.ReadFrom
	if shown.before == 0 {
		shown.before = s.to + 1
	}
	b.Lines, b.Table = shown.in(linesPath), shown.in(tablePath)
	b.IsPartly = s.next > 0 && len(b.Rows) < exploreShown
	if f.before > 0 {
		first := f
		first.before = 0
		b.First = first.in(explorePath)
	}
	if s.next > 0 {
		f.before, f.since = s.next, 0
		b.Older = f.in(explorePath)
	}
	v.write(http.StatusOK, "explore", "explore.title", b)
	return nil
}
