package queries

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"authledger/domain"
	"authledger/domain/calendar"
	"authledger/projections"
	"authledger/projections/counts"
)

// Names of the steps and the groups of statistics, in the order of the documents.
var (
	StatisticsSteps  = []string{"1m", "1h", "1d"}
	StatisticsGroups = []string{"type", "status", "reason", "platform", "source", "event", byClass}
)

const (
	defaultStep = "1h"
	classStep   = "1d"
	byClass     = "class"
)

// StatisticsQuery selects buckets of the statistics. The zero value of each field but At
// selects the default.
type StatisticsQuery struct {
	From, To time.Time // of the first instants of buckets: From <= start < To; default of To: At, and by class the end of the business day of At
	Step     string    // one of StatisticsSteps; default 1h, and 1d by class
	Group    string    // one of StatisticsGroups; default: only the number of records
	After    time.Time // continue after the bucket that begins at this instant
	At       time.Time // instant for which users are locked, and the default of To
	Limit    int       // maximum number of buckets, at most ListMax

	isFromDefault, isToDefault bool // set by Check
}

var (
	errStatisticsStep  = errors.New("step: invalid value, want 1m, 1h or 1d")
	errStatisticsGroup = errors.New("group: invalid value, want type, status, reason, platform, source, event or class")
	errStatisticsClass = errors.New("step: invalid value, want 1d with the group class, which has one bucket for each business day")
	errStatisticsRange = errors.New("from: invalid value, want an instant before to")
)

// Check sets the defaults of q. It returns an error for values that contradict each other.
func (q *StatisticsQuery) Check() error {
	switch {
	case q.Group != "" && !slices.Contains(StatisticsGroups, q.Group):
		return errStatisticsGroup
	case q.Step == "" && q.Group == byClass:
		q.Step = classStep
	case q.Step == "":
		q.Step = defaultStep
	}
	switch {
	case !slices.Contains(StatisticsSteps, q.Step):
		return errStatisticsStep
	case q.Group == byClass && q.Step != classStep:
		return errStatisticsClass
	}
	q.Limit = min(max(q.Limit, 1), ListMax)
	step := q.step()
	if q.isToDefault = q.To.IsZero(); q.isToDefault {
		q.To = q.At
	}
	if q.isFromDefault = q.From.IsZero(); q.isFromDefault {
		last := step.StartOf(q.To.Add(-1))
		q.From = last.Add(-time.Duration(q.Limit-1) * step.Length())
	}
	if q.From.Before(yearOne) {
		q.From = yearOne
	}
	if !q.From.Before(q.To) {
		return errStatisticsRange
	}
	return nil
}

// yearOne is the first instant that RFC 3339 texts of answers can express.
var yearOne time.Time

func (q *StatisticsQuery) step() projections.StatStep {
	return projections.Minutes + projections.StatStep(slices.Index(StatisticsSteps, q.Step))
}

// Statistics is a page of the buckets of one step, the oldest first. A bucket without
// records has an item too, but a day without withdrawals has none.
type Statistics struct {
	Step, Group string
	Items       []StatisticsItem
	Next        time.Time // start of the last item if more buckets follow, else zero
	KeptFrom    time.Time // start of the oldest bucket of the step that is kept; zero: all are
	Newest      time.Time // the newest effective time of all records; zero without records
	LockedUsers int64     // users that are locked at At
	At          time.Time
	AsOf        AsOf
}

// StatisticsItem is one bucket.
type StatisticsItem struct {
	Start       time.Time
	Day         string // only by class: the day of the withdrawal limits, YYYY-MM-DD
	Records     int64  // by class: the requests of withdrawals
	ActiveUsers int64  // only of days: the estimated number of users with a successful login
	Counts      []StatisticsCount

	hasUsers bool
}

// StatisticsCount is the number of records with one label, or by event the number of events.
type StatisticsCount struct {
	counts.LabelCount
	USD *projections.ClassUSD // only by class
}

func (s *Statistics) Members(v domain.Visitor) {
	v.Text("step", &s.Step, domain.Need)
	v.Text("group", &s.Group, domain.Free)
	v.List("items", domain.List(&s.Items))
	v.Instant("next", &s.Next, domain.Free)
	v.Instant("keptFrom", &s.KeptFrom, domain.Free)
	v.Instant("newest", &s.Newest, domain.Free)
	v.Count("lockedUsers", &s.LockedUsers, domain.Need)
	v.Instant("at", &s.At, domain.Need)
	v.Object("asOf", &s.AsOf, domain.Need)
}

func (i *StatisticsItem) Members(v domain.Visitor) {
	v.Instant("start", &i.Start, domain.Need)
	v.Text("day", &i.Day, domain.Free)
	v.Count("records", &i.Records, domain.Need)
	v.Count("activeUsers", &i.ActiveUsers, domain.Form{Need: i.hasUsers})
	v.List("counts", domain.List(&i.Counts))
}

func (c *StatisticsCount) Members(v domain.Visitor) {
	v.Text("label", &c.Label, domain.Need)
	v.Count("count", &c.Count, domain.Need)
	var usd projections.ClassUSD
	var approved, denied string
	if c.USD != nil {
		usd, approved, denied = *c.USD, c.USD.ApprovedUSD.String(), c.USD.DeniedUSD.String()
	}
	v.Count("approved", &usd.Approved, domain.Form{Need: c.USD != nil})
	v.Text("approvedUsd", &approved, domain.Free)
	v.Count("denied", &usd.Denied, domain.Form{Need: c.USD != nil})
	v.Text("deniedUsd", &denied, domain.Free)
}

// NextPage returns the value of the parameter after for the next page, "" on the last page.
func (s *Statistics) NextPage() string {
	if s.Next.IsZero() {
		return ""
	}
	return s.Next.UTC().Format(time.RFC3339)
}

// Statistics returns a page of the buckets that q selects, after [StatisticsQuery.Check].
// The buckets hold the counts of the whole log only, so there is no answer for a former
// position. The cost grows with the number of users that are locked at q.At.
func (q *Queries) Statistics(ctx context.Context, of StatisticsQuery) (*Statistics, error) {
	v, err := q.rows.View(ctx)
	if err != nil {
		return nil, fmt.Errorf("statistics: %w", err)
	}
	defer v.Close()
	s := &Statistics{Step: of.Step, Group: of.Group, At: of.At}
	if err := s.read(ctx, v, &of); err != nil {
		return nil, fmt.Errorf("statistics: %w", err)
	}
	return s, nil
}

func (s *Statistics) read(ctx context.Context, v projections.View, of *StatisticsQuery) (err error) {
	if s.AsOf, err = endOf(v); err != nil {
		return err
	}
	if s.Newest, err = v.NewestCounted(); err != nil {
		return err
	}
	s.KeptFrom = of.step().KeptFrom(s.Newest)
	if of.Group == byClass {
		err = s.readClasses(v, of)
	} else {
		err = s.readBuckets(v, of)
	}
	if err != nil {
		return err
	}
	return v.LockedAt(ctx, of.At, func(string, time.Time) { s.LockedUsers++ })
}

// readBuckets reads the buckets of records. It adds an item for each bucket without records.
func (s *Statistics) readBuckets(v projections.View, of *StatisticsQuery) error {
	step := of.step()
	from, to := s.span(of)
	for start := from; start.Before(to); start = start.Add(step.Length()) {
		if len(s.Items) == of.Limit {
			s.Next, to = s.Items[of.Limit-1].Start, start
			break
		}
		s.Items = append(s.Items, StatisticsItem{Start: start, hasUsers: step == projections.Days})
	}
	for b := range v.Buckets(step, from, to) {
		item := &s.Items[b.Start.Sub(from)/step.Length()]
		item.Records = b.Records
		if of.Group == "" {
			continue
		}
		for _, c := range b.Counts(projections.StatGroup(slices.Index(StatisticsGroups, of.Group))) {
			item.Counts = append(item.Counts, StatisticsCount{LabelCount: c})
		}
	}
	if err := v.Err(); err != nil || step != projections.Days {
		return err
	}
	users, err := v.ActiveUsers(from, to)
	for i := range s.Items {
		s.Items[i].ActiveUsers = users[s.Items[i].Start]
	}
	return err
}

// span returns the start of the first bucket, and the end. Buckets that are no longer kept
// are not in the span, because their counts are unknown and not 0.
func (s *Statistics) span(of *StatisticsQuery) (from, to time.Time) {
	step := of.step()
	from = of.From
	if !of.After.IsZero() && !of.After.Before(from) {
		from = of.After.Add(1)
	}
	if from.Before(s.KeptFrom) {
		from = s.KeptFrom
	}
	if start := step.StartOf(from); start.Before(from) {
		from = start.Add(step.Length())
	}
	return from, of.To
}

// readClasses reads the withdrawals of days. A day begins at midnight in UTC here, so that
// from and to select days by their dates.
func (s *Statistics) readClasses(v projections.View, of *StatisticsQuery) error {
	first, last, err := s.businessDays(v, of)
	if err != nil {
		return err
	}
	for d := range v.WithdrawalDays(first, last+1) {
		if len(s.Items) == of.Limit {
			s.Next = s.Items[of.Limit-1].Start
			break
		}
		item := StatisticsItem{Start: d.Day.Start(time.UTC), Day: d.Day.String()}
		for i := range d.Classes {
			c := &d.Classes[i]
			item.Records += c.Approved + c.Denied
			item.Counts = append(item.Counts, StatisticsCount{counts.LabelCount{Label: c.Class, Count: c.Approved + c.Denied}, c})
		}
		slices.SortFunc(item.Counts, func(a, b StatisticsCount) int { return strings.Compare(a.Label, b.Label) })
		s.Items = append(s.Items, item)
	}
	return v.Err()
}

// businessDays returns the first and the last day that q selects. Without to, the last day is
// the day of At in the time zone of the policy, which may be the day before or after the day
// in UTC. Without from, the first day moves with the last day.
func (s *Statistics) businessDays(v projections.View, of *StatisticsQuery) (first, last calendar.Date, err error) {
	from, to := s.span(of)
	first, last = calendar.DateOf(from, time.UTC), calendar.DateOf(to.Add(-1), time.UTC)
	if !of.isToDefault {
		return first, last, nil
	}
	policy, err := v.Policy(s.AsOf.Seq)
	if err != nil {
		return 0, 0, err
	}
	newest := calendar.DateOf(of.At, policy.Location())
	if of.isFromDefault && of.After.IsZero() {
		first += newest - last
	}
	return first, newest, nil
}
