package traffic

import (
	"container/heap"
	"iter"
	"math/rand/v2"
	"strconv"
	"time"

	"authledger/domain"
)

const dayLength = 24 * time.Hour

// Of five users, eight log in a day.
const (
	sessionsPer = 8
	usersPer    = 5
)

// LateMost is how much older than its arrival a command of [Day] may be.
const LateMost = 5 * time.Minute

// Day tells the 24 hours before end, in order of arrival, of a crowd of so many
// users and of the scenes on top. It may be told any number of times.
func Day(seed uint64, end time.Time, users int) iter.Seq[domain.Command] {
	return func(yield func(domain.Command) bool) {
		d := newDay(seed, end, users)
		d.stageScenes()
		for at := range d.sessions() {
			if !d.arrive(at, yield) {
				return
			}
			d.stageSession(at)
		}
		d.arrive(d.length, yield)
	}
}

// day is one telling. All its times are distances from its start.
type day struct {
	seed   uint64
	start  time.Time
	length time.Duration
	zone   *time.Location
	users  int
	prefix string // of ids
	sent   uint64 // commands and other things numbered so far
	agenda agenda
	chance *rand.Rand
	source *rand.PCG // of chance
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

// sessions yields when each session of the crowd begins, in order. What the
// session draws depends on its number and on no other session.
func (d *day) sessions() iter.Seq[time.Duration] {
	return func(yield func(time.Duration) bool) {
		sessions := int64(d.users) * sessionsPer / usersPer
		curve := curveFrom(d.start.In(d.zone))
		for k := range sessions {
			d.draw(uint64(k))
			if !yield(curve.spread(k, sessions, d.chance)) {
				return
			}
		}
	}
}

// stepDraw marks the numbers that steps draw by, which are no session's.
const stepDraw = 1 << 63

// draw starts chance anew for one session or step.
func (d *day) draw(session uint64) { d.source.Seed(d.seed, session) }

// arrive yields what arrives before at, and takes the steps that come before it.
func (d *day) arrive(at time.Duration, yield func(domain.Command) bool) bool {
	for len(d.agenda) > 0 && d.agenda[0].at < at {
		next := heap.Pop(&d.agenda).(*arrival)
		if next.step != nil {
			d.draw(stepDraw | next.order)
			next.step()
			continue
		}
		if !yield(*next.command) {
			return false
		}
	}
	return true
}

// stage puts a command of the instant happened on the agenda for its arrival.
func (d *day) stage(happened, at time.Duration, from gate, data domain.CommandData, id string) {
	heap.Push(&d.agenda, &arrival{at: at, order: d.sent, command: &domain.Command{
		Source: from.source, ID: id, Time: d.start.Add(happened),
		Caller: from.caller, Backfill: true, Data: data,
	}})
	d.sent++
}

// plan puts a step on the agenda that stages more when its time comes.
func (d *day) plan(at time.Duration, step func()) {
	if at < d.length {
		heap.Push(&d.agenda, &arrival{at: at, order: d.number(), step: step})
	}
}

// number is one that nothing else of this telling has.
func (d *day) number() uint64 {
	d.sent++
	return d.sent - 1
}

// id writes a number as an id that no other telling has.
func (d *day) id(number uint64) string { return d.prefix + strconv.FormatUint(number, 10) }

// nextID is also fit for an attempt.
func (d *day) nextID() string { return d.id(d.sent) }

// arrival is a command and when it reaches the ledger, or a step and when it is
// taken.
type arrival struct {
	at      time.Duration
	order   uint64 // of staging: decides between equals
	command *domain.Command
	step    func()
}

// agenda is a heap of what is still to arrive.
type agenda []*arrival

func (a agenda) Len() int      { return len(a) }
func (a agenda) Swap(i, j int) { a[i], a[j] = a[j], a[i] }
func (a agenda) Less(i, j int) bool {
	if a[i].at != a[j].at {
		return a[i].at < a[j].at
	}
	return a[i].order < a[j].order
}
func (a *agenda) Push(x any) { *a = append(*a, x.(*arrival)) }
func (a *agenda) Pop() any {
	last := (*a)[len(*a)-1]
	(*a)[len(*a)-1] = nil
	*a = (*a)[:len(*a)-1]
	return last
}
