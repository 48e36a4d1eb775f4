package projections

import (
	"iter"
	"time"

	"authledger/domain/calendar"
	"authledger/projections/counts"
	"authledger/projections/rows"
)

// Bucket is the counts of the records in one bucket of a step.
type Bucket struct {
	Start   time.Time
	Records int64

	row *bucketRow
}

// Counts returns the counts of a group by label. The last label is [counts.OtherLabel], if there
// were more labels than the bucket lists.
func (b *Bucket) Counts(g StatGroup) []counts.LabelCount { return b.row.groups[g].Counts() }

// NewestCounted returns the newest effective time of all records, or zero for an empty log.
func (v View) NewestCounted() (time.Time, error) {
	var row newestRow
	_, err := v.Read(statistics.key().Byte(newestKind), &row)
	return row.time, err
}

// KeptFrom returns the start of the oldest bucket of a step that is kept while newest is the
// newest effective time. It returns the zero time for a step whose buckets are all kept.
func (s StatStep) KeptFrom(newest time.Time) time.Time {
	if s.kept() == 0 || newest.IsZero() {
		return time.Time{}
	}
	return s.startOf(s.bucketOf(newest) - s.kept() + 1)
}

// Buckets yields the buckets of a step that begin in [from, to) and have records, the
// oldest first.
func (v View) Buckets(step StatStep, from, to time.Time) iter.Seq[Bucket] {
	return func(yield func(Bucket) bool) {
		newest, err := v.NewestCounted()
		if err != nil {
			v.Fail(err)
			return
		}
		first, end := step.bucketsIn(from, to, newest)
		for first < end {
			part := step.runFrom(first, end)
			if !v.bucketsOf(step, first, part, yield) || v.Err() != nil {
				return
			}
			first = part
		}
	}
}

// bucketsIn returns the first kept bucket that begins in [from, to), and the end of these
// buckets.
func (s StatStep) bucketsIn(from, to, newest time.Time) (first, end int64) {
	first, end = s.firstAt(from), min(s.firstAt(to), s.bucketOf(newest)+1)
	if s.kept() > 0 {
		first = max(first, end-s.kept(), s.bucketOf(newest)-s.kept()+1)
	}
	return first, end
}

// firstAt returns the first bucket that begins at or after t.
func (s StatStep) firstAt(t time.Time) int64 {
	n := s.bucketOf(t)
	if s.startOf(n).Before(t) {
		n++
	}
	return n
}

// runFrom returns the end of the buckets from first, at most end, whose keys ascend. In a ring
// the key of the first slot follows the key of the last slot.
func (s StatStep) runFrom(first, end int64) int64 {
	kept := s.kept()
	if kept == 0 {
		return end
	}
	return min(end, first+kept-(first%kept+kept)%kept)
}

// bucketsOf yields the buckets from first to before end, whose keys ascend. It reports whether
// the caller wants more.
func (v View) bucketsOf(step StatStep, first, end int64, yield func(Bucket) bool) bool {
	from := step.bucketKey(statistics.key(), first)
	for k, b := range v.Scan(from, step.bucketKey(statistics.key(), end-1).After()) {
		row := new(bucketRow)
		if err := v.Decode(k, b, row); err != nil {
			v.Fail(err)
			return false
		}
		if row.bucket < first || row.bucket >= end {
			continue // the slot of a ring still has a bucket that is no longer kept
		}
		if !yield(Bucket{Start: step.startOf(row.bucket), Records: row.records, row: row}) {
			return false
		}
	}
	return v.Err() == nil
}

// ActiveUsers returns the estimated number of users with a successful login on each day that
// begins in [from, to) in UTC, by the start of the day. It omits days without one.
func (v View) ActiveUsers(from, to time.Time) (map[time.Time]int64, error) {
	all := map[time.Time]int64{}
	for k, b := range v.days(activeKind, Days.firstAt(from), Days.firstAt(to)) {
		day, err := dayOf(k)
		if err != nil {
			return nil, v.Damage(k, err)
		}
		users := new(counts.Distinct)
		if err := v.Decode(k, b, users); err != nil {
			return nil, err
		}
		if err := users.Check(); err != nil {
			return nil, v.Damage(k, err)
		}
		all[Days.startOf(day)] = users.Estimate()
	}
	return all, v.Err()
}

// DayWithdrawals is the withdrawals of one day in the time zone of the policy in force.
type DayWithdrawals struct {
	Day     calendar.Date
	Classes []ClassUSD // in the order of their first withdrawals
}

// WithdrawalDays yields the withdrawals of the days from the day from to before the day to.
// It omits days without withdrawals.
func (v View) WithdrawalDays(from, to calendar.Date) iter.Seq[DayWithdrawals] {
	return func(yield func(DayWithdrawals) bool) {
		for k, b := range v.days(usdKind, int64(from), int64(to)) {
			day, err := dayOf(k)
			if err != nil {
				v.Fail(v.Damage(k, err))
				return
			}
			var row usdRow
			if err := v.Decode(k, b, &row); err != nil {
				v.Fail(err)
				return
			}
			if !yield(DayWithdrawals{calendar.Date(day), row.classes}) {
				return
			}
		}
	}
}

// days yields the rows of one kind for the days from the day from to before the day to.
func (v View) days(kind byte, from, to int64) iter.Seq2[rows.Key, []byte] {
	return v.Scan(dayKey(statistics.key(), kind, from), dayKey(statistics.key(), kind, max(from, to)))
}

// dayOf returns the number of the day in a key of days.
func dayOf(k rows.Key) (int64, error) {
	number, _, err := k[2:].CutNumber()
	return int64(number ^ 1<<63), err
}
