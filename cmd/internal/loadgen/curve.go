package loadgen

import (
	"math/rand/v2"
	"time"
	_ "time/tzdata" // the same time zone data on every machine
)

const (
	slot        = 30 * time.Minute
	slotsPerDay = int(dayLength / slot)
)

// loginsBySlot contains the weight of each half hour of a day in New York. The market
// opens at 9:30 and closes at 16:00. In the evening most logins come from telephones.
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
		panic("loadgen: load America/New_York from the embedded time zone data: " + err.Error())
	}
	return zone
}

// curve represents the logins of a day as an area: a slot is as high as its weight and
// as wide as its duration in nanoseconds. Integers give the same result on every machine.
type curve struct {
	start      time.Duration // the time of day at which the iteration starts
	areaBefore int64         // the area of the day before start
	area       int64         // of a whole day
}

func curveFrom(start time.Time) curve {
	hour, minute, second := start.Clock()
	c := curve{start: time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute + time.Duration(second)*time.Second}
	for i, weight := range loginsBySlot {
		c.area += weight * int64(slot)
		within := min(max(c.start-time.Duration(i)*slot, 0), slot)
		c.areaBefore += weight * int64(within)
	}
	return c
}

// sessionStart returns the beginning of session k of n, as a duration after c.start. It divides
// the area into n strips of equal size and returns a random point of strip k.
func (c curve) sessionStart(k, n int64, chance *rand.Rand) time.Duration {
	strip := c.area / n
	return c.at(k*strip + chance.Int64N(strip))
}

// at returns an instant, as a duration after c.start: from c.start to that instant the curve has
// the given area.
func (c curve) at(area int64) time.Duration {
	area += c.areaBefore
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

// mobileShare returns the share of logins by telephone at an instant, in percent.
func mobileShare(at time.Time) int {
	if time.Duration(at.Hour())*time.Hour >= eveningFrom {
		return mobileByEvening
	}
	return mobileByDay
}
