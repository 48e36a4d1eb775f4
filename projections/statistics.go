package projections

import (
	"time"

	"authledger/domain"
	"authledger/domain/calendar"
	"authledger/projections/counts"
	"authledger/projections/rows"
)

// statistics counts the records of the realm by minute, hour and day, and the dollars of
// withdrawals by day of the withdrawal limits.
//
// A record counts at its effective time, with all its events, in one bucket of each step. The
// buckets of minutes and hours are rings: the row of a bucket that is no longer kept is the
// row of the bucket that replaces it. The newest effective time of all folded records
// determines which buckets are kept, and not a clock, so that a rebuild gives the same rows.
// A record that is older than the kept buckets of a step is not counted in that step.
var statistics = &Projection{Name: "statistics", Version: 1, Table: 'n', Fold: foldStatistics}

// StatStep is the length of a bucket of the statistics.
type StatStep byte

// The steps. Keys contain them.
const (
	Minutes StatStep = iota + 1
	Hours
	Days
)

// Kinds of rows besides the buckets of the three steps. Keys contain them.
const (
	newestKind byte = iota + 0x10 // the newest effective time
	activeKind                    // the active users of a day
	usdKind                       // the withdrawals of a day
)

// Numbers of buckets that are kept, up to the bucket of the newest record.
const (
	minutesKept = 48 * 60
	hoursKept   = 90 * 24
)

// Length returns the duration of a bucket.
func (s StatStep) Length() time.Duration {
	switch s {
	case Minutes:
		return time.Minute
	case Hours:
		return time.Hour
	}
	return 24 * time.Hour
}

// kept returns the number of buckets that are kept, 0 for all.
func (s StatStep) kept() int64 {
	switch s {
	case Minutes:
		return minutesKept
	case Hours:
		return hoursKept
	}
	return 0
}

// bucketOf returns the number of the bucket that contains t, since 1970 in UTC.
func (s StatStep) bucketOf(t time.Time) int64 {
	seconds, length := t.Unix(), int64(s.Length()/time.Second)
	n := seconds / length
	if seconds%length < 0 {
		n--
	}
	return n
}

// StartOf returns the first instant of the bucket that contains t.
func (s StatStep) StartOf(t time.Time) time.Time { return s.startOf(s.bucketOf(t)) }

// startOf returns the first instant of a bucket.
func (s StatStep) startOf(bucket int64) time.Time {
	return time.Unix(bucket*int64(s.Length()/time.Second), 0).UTC()
}

// bucketKey returns the key of the row that holds a bucket.
func (s StatStep) bucketKey(k rows.Key, bucket int64) rows.Key {
	if kept := s.kept(); kept > 0 {
		bucket = (bucket%kept + kept) % kept
	}
	return dayKey(k, byte(s), bucket)
}

// dayKey returns the key of a row of one kind. Numbers sort from negative to positive.
func dayKey(k rows.Key, kind byte, number int64) rows.Key {
	return k.Byte(kind).Number(uint64(number) ^ 1<<63)
}

// newestRow is the newest effective time of all folded records.
type newestRow struct{ time time.Time } // zero: no record is folded

func (r *newestRow) Members(v domain.Visitor) { v.Instant("time", &r.time, domain.Need) }

// usdRow is the withdrawals of one day by device class.
type usdRow struct{ classes []ClassUSD }

func (r *usdRow) Members(v domain.Visitor) { v.List("classes", domain.List(&r.classes)) }

// NoClass is the class of denied withdrawals that no active device and no valid code
// authenticated.
const NoClass = "none"

// ClassUSD is the withdrawals that one device class authenticated on one day. A withdrawal
// that was settled or cancelled later remains approved.
type ClassUSD struct {
	Class            string
	Approved, Denied int64 // requests
	ApprovedUSD      domain.Sum
	DeniedUSD        domain.Sum
}

func (c *ClassUSD) Members(v domain.Visitor) {
	v.Text("class", &c.Class, domain.Need)
	v.Count("approved", &c.Approved, domain.Need)
	v.Object("approvedUsd", &c.ApprovedUSD, domain.Need)
	v.Count("denied", &c.Denied, domain.Need)
	v.Object("deniedUsd", &c.DeniedUSD, domain.Need)
}

// of returns the withdrawals of a class. There is one element for each class of the rules.
func (r *usdRow) of(class string) *ClassUSD {
	for i := range r.classes {
		if r.classes[i].Class == class {
			return &r.classes[i]
		}
	}
	r.classes = append(r.classes, ClassUSD{Class: class})
	return &r.classes[len(r.classes)-1]
}

func foldStatistics(t *Table, s *Step) error {
	newest, err := t.Edit(t.Key().Byte(newestKind), func() domain.Data { return new(newestRow) })
	if err != nil {
		return err
	}
	before := newest.row.(*newestRow)
	counted := labelsOf(s.Record)
	for step := Minutes; step <= Days; step++ {
		if err := countIn(t, step, before.time, &counted); err != nil {
			return err
		}
	}
	if s.Record.Time.After(before.time) {
		before.time = s.Record.Time
		t.Changed(newest)
	}
	for i := range s.Record.Events {
		if err := foldDay(t, s, &s.Record.Events[i]); err != nil {
			return err
		}
	}
	return nil
}

// countIn counts a record in one step. The argument newest is the newest effective time of
// the records before it, or zero for the first record.
func countIn(t *Table, step StatStep, newest time.Time, counted *labels) error {
	bucket, newestBucket := step.bucketOf(counted.at), step.bucketOf(newest)
	kept := step.kept()
	if kept > 0 && bucket <= newestBucket-kept && !newest.IsZero() {
		return nil
	}
	k := step.bucketKey(t.Key(), bucket)
	var e *edit
	if bucket > newestBucket || newest.IsZero() {
		e = t.Begin(k, newBucketRow) // no row has this bucket
	} else {
		var err error
		if e, err = t.Edit(k, newBucketRow); err != nil {
			return err
		}
	}
	row := e.row.(*bucketRow)
	if row.bucket != bucket || row.records == 0 {
		*row = bucketRow{bucket: bucket}
	}
	row.add(counted)
	t.Changed(e)
	return nil
}

// foldDay counts what an event adds to the rows of days.
func foldDay(t *Table, s *Step, e *domain.Event) error {
	switch data := e.Data.(type) {
	case *domain.LoginSucceeded:
		return foldActive(t, s, e)
	case *domain.WithdrawalApproved:
		day, _ := calendar.Parse(data.Day) // a coherent record has a valid day and amount
		usd, _ := domain.ParseUSD(data.USD)
		return foldUSD(t, day, func(r *usdRow) {
			c := r.of(data.Class)
			c.Approved++
			c.ApprovedUSD = c.ApprovedUSD.Plus(usd)
		})
	case *domain.WithdrawalDenied:
		request, ok := s.Record.Command.Data.(*domain.WithdrawalRequest)
		if !ok {
			return nil
		}
		return foldUSD(t, calendar.DateOf(e.At, s.in(data.Zone)), func(r *usdRow) {
			class := data.Class
			if class == "" {
				class = NoClass
			}
			c := r.of(class)
			c.Denied++
			c.DeniedUSD = c.DeniedUSD.Plus(request.USD())
		})
	}
	return nil
}

// foldActive adds the user of a successful login to the active users of the day.
func foldActive(t *Table, s *Step, e *domain.Event) error {
	entity := e.Entity
	if entity == "" {
		entity = s.Record.Entities[0]
	}
	name, ok := entity.User()
	if !ok {
		return nil
	}
	row, err := t.Edit(dayKey(t.Key(), activeKind, Days.bucketOf(s.Record.Time)), func() domain.Data { return new(counts.Distinct) })
	if err != nil {
		return err
	}
	users := row.row.(*counts.Distinct)
	if err := users.Check(); err != nil {
		return rows.AsDamage(err)
	}
	if users.Add(name) {
		t.Changed(row)
	}
	return nil
}

func foldUSD(t *Table, day calendar.Date, change func(*usdRow)) error {
	row, err := t.Edit(dayKey(t.Key(), usdKind, int64(day)), func() domain.Data { return new(usdRow) })
	if err != nil {
		return err
	}
	change(row.row.(*usdRow))
	t.Changed(row)
	return nil
}
