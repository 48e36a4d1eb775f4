package traffic

import (
	"math/rand/v2"
	"time"
	_ "time/tzdata" // the market opens at the same instant on every machine
)

const (
	slot        = 30 * time.Minute
	slotsPerDay = int(dayLength / slot)
)

// loginsBySlot weighs the half hours of a day in New York: the market opens at
// 9:30 and closes at 16:00, and in the evening people look at their telephones.
var loginsBySlot = [slotsPerDay]int64{
	2, 2, 1, 1, 1, 1, 1, 2, 4, 4, 4, 5, // 0:00
	6, 7, 9, 11, 16, 22, 34, 72, 48, 34, 26, 22, // 6:00
	20, 19, 18, 18, 18, 20, 26, 34, 22, 14, 12, 12, // 12:00
	14, 18, 24, 28, 30, 26, 20, 14, 10, 7, 4, 3, // 18:00
}

// The share of logins by telephone, in percent, by day and in the evening.
const (
	mobileByDay     = 25
	mobileByEvening = 70
	eveningFrom     = 18 * time.Hour
)

func newYork() *time.Location {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		panic("traffic: the zone data that is built in lacks New York: " + err.Error())
	}
	return zone
}

// curve is the day's logins as an area: a slot is as high as its weight and as
// wide as its nanoseconds. Whole numbers make it the same on every machine.
type curve struct {
	start time.Duration // the time of day at which the telling starts
	left  int64         // the area of the day before that
	area  int64         // of a whole day
}

func curveFrom(start time.Time) curve {
	hour, minute, second := start.Clock()
	c := curve{start: time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute + time.Duration(second)*time.Second}
	for i, weight := range loginsBySlot {
		c.area += weight * int64(slot)
		within := min(max(c.start-time.Duration(i)*slot, 0), slot)
		c.left += weight * int64(within)
	}
	return c
}

// spread is when the k-th of n sessions begins, since the start: each in a strip
// of the curve of its own.
func (c curve) spread(k, n int64, chance *rand.Rand) time.Duration {
	strip := c.area / n
	return c.at(k*strip + chance.Int64N(strip))
}

// at is the distance from the start that has so much of the area before it.
func (c curve) at(area int64) time.Duration {
	area += c.left
	wrapped := area >= c.area
	if wrapped {
		area -= c.area
	}
	i := 0
	for area >= loginsBySlot[i]*int64(slot) {
		area -= loginsBySlot[i] * int64(slot)
		i++
	}
	distance := time.Duration(i)*slot + time.Duration(area/loginsBySlot[i]) - c.start
	if wrapped {
		distance += dayLength
	}
	return distance
}

// mobileShare is the share of logins by telephone at an instant, in percent.
func mobileShare(at time.Time) int {
	if time.Duration(at.Hour())*time.Hour >= eveningFrom {
		return mobileByEvening
	}
	return mobileByDay
}
