package loadgen

import (
	"container/heap"
	"iter"
	"math/rand/v2"
	"strconv"
	"time"

	"authledger/domain"
)

const dayLength = 24 * time.Hour

// On a business day five users have eight sessions.
const (
	sessionsPer = 8
	usersPer    = 5
)

// MaxLateness is the maximum duration between the time of a command of [Day] and its
// arrival.
const MaxLateness = 5 * time.Minute

// Day generates the logins of the 24 hours before end, in order of arrival: those of the
// given number of users, and the scenarios. The sequence can be iterated any number of
// times.
func Day(seed uint64, end time.Time, users int) iter.Seq[domain.Command] {
	return func(yield func(domain.Command) bool) {
		d := newDay(seed, end, users)
		d.scheduleScenarios()
		each := func(_ time.Duration, c *domain.Command) bool { return yield(*c) }
		for at := range d.sessions() {
			if !d.arrive(at, each) {
				return
			}
			d.scheduleSession(at)
		}
		d.arrive(d.length, each)
	}
}

// day is one iteration of [Day], or a part of one iteration of [Brokerage]. The times of its
// commands and steps are durations after start.
type day struct {
	seed     uint64
	start    time.Time
	length   time.Duration
	zone     *time.Location
	users    int
	prefix   string // of ids
	sent     uint64 // the next unused number of a command, step, device, code or sharing
	arrivals arrivals
	chance   *rand.Rand
	source   *rand.PCG // the source of chance
}

func newDay(seed uint64, end time.Time, users int) *day {
	end = end.UTC().Truncate(time.Second)
	source := rand.NewPCG(seed, 0)
	return &day{
		seed: seed, start: end.Add(-dayLength), length: dayLength, zone: newYork(), users: max(users, 0),
		prefix: strconv.FormatInt(end.Unix(), 36) + "." + strconv.FormatUint(seed, 36) + ".",
		chance: rand.New(source), source: source,
	}
}

// sessions yields the start of each session, in order. The random numbers of a session
// depend only on its number.
func (d *day) sessions() iter.Seq[time.Duration] {
	return func(yield func(time.Duration) bool) {
		sessions := int64(d.users) * sessionsPer / usersPer
		curve := curveFrom(d.start.In(d.zone))
		for k := range sessions {
			d.reseed(uint64(k))
			if !yield(curve.sessionStart(k, sessions, d.chance)) {
				return
			}
		}
	}
}

// stepStream marks the streams of random numbers of steps, so that no session uses one of them.
const stepStream = 1 << 63

// reseed selects the stream of random numbers of a session or step.
func (d *day) reseed(session uint64) { d.source.Seed(d.seed, session) }

// arrive yields the commands that arrive before at with the times of their arrivals, and runs the steps
// before it.
func (d *day) arrive(at time.Duration, yield func(time.Duration, *domain.Command) bool) bool {
	for len(d.arrivals) > 0 && d.arrivals[0].at < at {
		next := heap.Pop(&d.arrivals).(*arrival)
		if next.step != nil {
			d.reseed(stepStream | next.order)
			next.step()
			continue
		}
		if !yield(next.at, next.command) {
			return false
		}
	}
	return true
}

// schedule adds a command. The parameter happened is the time of the command, and at is the
// instant of its arrival at the ledger.
func (d *day) schedule(happened, at time.Duration, from gate, data domain.CommandData, id string) {
	heap.Push(&d.arrivals, &arrival{at: at, order: d.sent, command: &domain.Command{
		Source: from.source, ID: id, Time: d.start.Add(happened),
		Caller: from.caller, Backfill: true, Data: data,
	}})
	d.sent++
}

// scheduleStep adds a step, which schedules further commands when it runs.
func (d *day) scheduleStep(at time.Duration, step func()) {
	if at < d.length {
		heap.Push(&d.arrivals, &arrival{at: at, order: d.number(), step: step})
	}
}

// number returns a number that is unique in the iteration.
func (d *day) number() uint64 {
	d.sent++
	return d.sent - 1
}

// id formats a number as an id that no iteration with other arguments generates.
func (d *day) id(number uint64) string { return d.prefix + strconv.FormatUint(number, 10) }

// nextID returns the id of the next command. It is also a valid id of an attempt.
func (d *day) nextID() string { return d.id(d.sent) }

// arrival is a command and the instant at which it reaches the ledger, or a step and
// the instant at which it runs.
type arrival struct {
	at      time.Duration
	order   uint64 // order of scheduling, for equal instants
	command *domain.Command
	step    func()
}

// arrivals is a heap of the scheduled commands and steps.
type arrivals []*arrival

func (a arrivals) Len() int      { return len(a) }
func (a arrivals) Swap(i, j int) { a[i], a[j] = a[j], a[i] }
func (a arrivals) Less(i, j int) bool {
	if a[i].at != a[j].at {
		return a[i].at < a[j].at
	}
	return a[i].order < a[j].order
}
func (a *arrivals) Push(x any) { *a = append(*a, x.(*arrival)) }
func (a *arrivals) Pop() any {
	last := (*a)[len(*a)-1]
	(*a)[len(*a)-1] = nil
	*a = (*a)[:len(*a)-1]
	return last
}
