package calendar

import (
	"math"
	"time"
)

// DateOf returns the local day of an instant in a time zone. It panics if zone is nil.
func DateOf(t time.Time, zone *time.Location) Date {
	_, offset := t.In(zone).Zone()
	return dateAt(t.Unix() + int64(offset))
}

// offsetMost is an upper bound of the offset of a time zone to UTC, in seconds. The largest
// offset in history is that of Alaska until 1867, 15 hours and 2 minutes.
const offsetMost = daySeconds

// Start returns the first instant, in UTC, at which the local day is d or later.
// Usually this is midnight. If the clocks skip midnight, it is the instant of the change. If
// midnight occurs twice, it is the first. If the zone skips d (Samoa, 2011-12-30), it is the
// start of the next day.
func (d Date) Start(zone *time.Location) time.Time {
	midnight := d.seconds()
	from := midnight - offsetMost // before the start of d in every zone
	for {
		offset, until := offsetAt(from, zone)
		// With this offset, the midnight of d is the instant midnight - offset. If the
		// offset begins later, the clocks skipped midnight, and d starts when the offset
		// begins.
		if start := max(midnight-offset, from); start < until {
			return time.Unix(start, 0).UTC()
		}
		from = until
	}
}

// offsetAt returns the offset of a zone to UTC at an instant, in seconds, and an instant until
// which the offset does not change. until is later than from.
func offsetAt(from int64, zone *time.Location) (offset, until int64) {
	at := time.Unix(from, 0).In(zone)
	_, ahead := at.Zone()
	_, end := at.ZoneBounds()
	if end.IsZero() {
		return int64(ahead), math.MaxInt64
	}
	// On 31 December of a leap year after the end of a zone's table, package time returns
	// an end in the past (golang.org/issue/81583), so a search would not end. No zone
	// changes its clocks on that day, so the search continues one hour later.
	if until = end.Unix(); until <= from {
		until = from + 60*60
	}
	return int64(ahead), until
}
