package console

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"authledger/domain"
	"authledger/eventstore/wire"
	"authledger/projections/queries"
)

// Sizes of a timeline.
const (
	recordsShown = 50  // of a page
	recordsRead  = 500 // that a page with a filter reads
)

// Fields of the form that filters a timeline.
const (
	familyField = "family"
	statusField = "status"
	beforeField = "before"
)

// families are the families of events that a person can select.
var families = []string{"login", "lockout", "identity", "device", "code", "sharing", "withdrawal"}

// statuses are the statuses that a person can select.
var statuses = []string{string(domain.Accepted), string(domain.Refused)}

// timelineFilter selects records of a timeline.
type timelineFilter struct {
	Family, Status string
	before         uint64
}

var errBadFilter = &failure{status: http.StatusBadRequest, key: "filter"}

func (v *visit) timelineFilter() (f timelineFilter, err error) {
	query := v.r.URL.Query()
	f.Family, f.Status = query.Get(familyField), query.Get(statusField)
	if f.Family != "" && !slices.Contains(families, f.Family) || f.Status != "" && !slices.Contains(statuses,
		f.Status) {
		return f, errBadFilter
	}
	if text := query.Get(beforeField); text != "" {
		if f.before, err = strconv.ParseUint(text, 10, 63); err != nil {
			return f, errBadFilter
		}
	}
	return f, nil
}

// in adds the fields of the filter to a path.
func (f timelineFilter) in(path string) string {
	query := url.Values{}
	for name, value := range map[string]string{familyField: f.Family, statusField: f.Status} {
		if value != "" {
			query.Set(name, value)
		}
	}
	if f.before > 0 {
		query.Set(beforeField, strconv.FormatUint(f.before, 10))
	}
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}

// wants reports whether the filter selects a record.
func (f timelineFilter) wants(r *domain.Record) bool {
	if f.Status != "" && string(r.Status) != f.Status {
		return false
	}
	return f.Family == "" || slices.ContainsFunc(r.Events, func(e domain.Event) bool {
		return strings.HasPrefix(e.Data.EventType(), f.Family+".")
	})
}

// timelinePart is a page of records.
type timelinePart struct {
	Rows     []recordRow
	Filter   timelineFilter
	Families []string
	Statuses []string
	Older    string // path of the next page, "" for the last
	IsLater  bool   // the page is not the first
	First    string // path of the first page
	HasWhy   bool   // the caller may read explanations
}

// recordRow is one record of a list.
type recordRow struct {
	Seq            uint64
	Time           time.Time
	Type           string
	Events         []string
	Status, Reason string
	Detail, Source string
	About          []fact // members of the command
	IsLate         bool
}

// fact is a member of a command with its value.
type fact struct{ Name, Value string }

func (v *visit) addTimeline(b *userBody, f timelineFilter) (err error) {
	b.Timeline, err = v.timeline(domain.UserEntity(b.User), "/users/"+url.PathEscape(b.User), f)
	return err
}

// timeline returns a page of the records of an entity, the newest first.
func (v *visit) timeline(entity domain.Entity, path string, f timelineFilter) (*timelinePart, error) {
	found, err := v.Queries.Newest(v.r.Context(), queries.Back{
		Entity: entity, Before: f.before, Until: v.moment.until, AsOf: v.moment.seq(),
		Limit: recordsShown, Scan: recordsRead, IsWanted: f.wants,
	})
	if err != nil {
		return nil, err
	}
	p := &timelinePart{
		Filter: f, Families: families, Statuses: statuses, IsLater: f.before > 0, HasWhy: v.may("why"),
	}
	for i := range found.Records {
		p.Rows = append(p.Rows, v.recordRow(entity, &found.Records[i]))
	}
	first := f
	first.before = 0
	p.First = first.in(path)
	if found.Next > 0 {
		f.before = found.Next
		p.Older = f.in(path)
	}
	return p, nil
}

// recordRow returns a record in a list about an entity, whose name the row omits.
func (v *visit) recordRow(entity domain.Entity, r *domain.Record) recordRow {
	r = v.caller.Role.Shown(r)
	row := recordRow{
		Seq: r.Seq, Time: r.Time, Type: r.Command.Data.CommandType(), Status: string(r.Status),
		Reason: string(r.Reason),
		Detail: r.Detail, Source: r.Command.Source, IsLate: r.Late,
	}
	for i := range r.Events {
		row.Events = append(row.Events, r.Events[i].Data.EventType())
	}
	r.Command.Data.Members(&memberList{facts: &row.About})
	row.About = slices.DeleteFunc(row.About,
		func(f fact) bool { return entity == domain.Entity(f.Name+"/"+f.Value) })
	return row
}

// memberList collects the texts, numbers and instants of the members of a command. Personal
// members are empty, because a record seals them.
type memberList struct {
	facts *[]fact
}

func (l *memberList) add(name, value string) {
	*l.facts = append(*l.facts, fact{name, value})
}

func (l *memberList) Text(name string, at *string, _ domain.Form) {
	if *at != "" {
		l.add(name, *at)
	}
}

func (l *memberList) Count(name string, at *int64, _ domain.Form) {
	if *at != 0 {
		l.add(name, strconv.FormatInt(*at, 10))
	}
}

func (l *memberList) Flag(name string, at *bool, _ domain.Form) {
	if *at {
		l.add(name, "true")
	}
}

func (l *memberList) Instant(name string, at *time.Time, _ domain.Form) {
	if !at.IsZero() {
		l.add(name, string(wire.AppendTime(nil, *at)))
	}
}

func (l *memberList) Instants(string, *[]time.Time) {}

func (l *memberList) Texts(name string, at *[]string) {
	if len(*at) > 0 {
		l.add(name, strings.Join(*at, ", "))
	}
}

func (l *memberList) Object(string, domain.Data, domain.Form) {}

func (l *memberList) List(string, domain.Items) {}
