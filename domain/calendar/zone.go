package calendar

import (
	"math"
	"time"
)

// DateOf is the local day of an instant: what a calendar on the wall in that
// zone shows at t. A nil zone panics, since any answer would be a guess.
func DateOf(t time.Time, zone *time.Location) Date {
	_, offset := t.In(zone).Zone()
	return dateAt(t.Unix() + int64(offset))
}

// offsetMost bounds how far, in seconds, a wall clock runs ahead of UTC. The
// farthest ever was Alaska's, by 15 hours and 2 minutes, until 1867.
const offsetMost = daySeconds

// Start is the first instant, in UTC, at which the local day is d or later
// . That is midnight, as a rule. Where clocks skip midnight it is the
// instant of the skip; where midnight comes twice it is the earlier one; where
// the zone skips d altogether (Samoa, 2011-12-30) it is the start of the next day.
func (d Date) Start(zone *time.Location) time.Time {
	midnight := d.seconds()
	from := midnight - offsetMost // d has begun nowhere yet
	for {
		offset, until := offsetAt(from, zone)
		// While the offset lasts, it is d from midnight by this offset on; from
		// the first, if the clocks were put past midnight when the offset began.
		if start := max(midnight-offset, from); start < until {
			return time.Unix(start, 0).UTC()
		}
		from = until
	}
}

// offsetAt is how many seconds the zone is ahead of UTC at an instant, and until
// when at least: until is later than the instant.
func offsetAt(from int64, zone *time.Location) (offset, until int64) {
	at := time.Unix(from, 0).In(zone)
	_, ahead := at.Zone()
	_, end := at.ZoneBounds()
	if end.IsZero() {
		return int64(ahead), math.MaxInt64
	}
	// On 31 December of a leap year that is beyond a zone's table, package time
	// tells an end that is past (golang.org/issue/81583), and a search by it would
	// never end. No zone changes its clocks there: an hour on is soon enough.
	if until = end.Unix(); until <= from {
		until = from + 60*60
	}
	return int64(ahead), until
}
