package signins

import (
	"cmp"
	"container/heap"
	"errors"
	"io"
	"time"

	"authledger/domain"
)

// AttemptsHeld is the maximum number of attempts that an [Order] holds. It is larger
// than a download from a portal.
const AttemptsHeld = 128 << 10

// Order returns the lines of its readers. It holds the lines with an attempt or the end of
// a session, and returns the earliest of them first. It returns every other line as soon as
// it has read the line. It is not safe for concurrent use.
type Order struct {
	readers  []*Reader // the readers that have not ended; Next reads the first
	file     int       // index of the first reader
	ordinal  int
	most     int
	held     attempts
	sessions *sessions
}

// InOrder returns an [Order] of readers. The caller MUST NOT read from them afterwards. The
// readers are read one after the other, and their attempts are ordered together.
func InOrder(readers ...*Reader) *Order {
	return &Order{readers: readers, most: AttemptsHeld, sessions: newSessions(SessionsHeld)}
}

// Next returns the next line. It ends with io.EOF. After a read error it does not
// return the held attempts, because without the lines after the error their order
// could be wrong.
func (o *Order) Next() (Line, error) {
	for len(o.readers) > 0 && len(o.held) < o.most {
		line, err := o.readers[0].Next()
		if errors.Is(err, io.EOF) {
			o.readers, o.file = o.readers[1:], o.file+1
			continue
		}
		if err != nil {
			line.File = o.file
			return line, err
		}
		o.ordinal++
		line.File, line.Ordinal = o.file, o.ordinal
		if !o.hold(&line) {
			return line, nil
		}
	}
	if len(o.held) == 0 {
		return Line{}, io.EOF
	}
	line := heap.Pop(&o.held).(Line)
	o.settle(&line)
	return line, nil
}

// hold stores a line that Next must return in the order of time, and reports false for any
// other line.
func (o *Order) hold(line *Line) bool {
	if line.mark != nil && (line.mark.use == sessionUsed || line.mark.use == sessionStarted) {
		o.sessions.recordUse(line.mark)
	}
	if len(line.Commands) == 0 && !line.endsSession() {
		return false
	}
	heap.Push(&o.held, *line)
	return true
}

// settle passes over a sign-in that continues a session. It must be called in the order of
// time, after every earlier line was settled.
func (o *Order) settle(line *Line) {
	switch {
	case line.endsSession():
		o.sessions.end(line.mark.session)
	case line.mark != nil && line.mark.use == sessionSignIn && o.sessions.continues(line.mark, line.Commands[0].ID):
		line.Commands = nil
		line.pass(line.mark.kind())
	}
}

func (l *Line) endsSession() bool { return l.mark != nil && l.mark.use == sessionEnded }

// at returns the time of a held line.
func (l *Line) at() time.Time {
	if len(l.Commands) > 0 {
		return l.Commands[0].Time
	}
	return l.mark.at
}

// attempts is a heap of lines that have one command or end a session.
type attempts []Line

func (a attempts) Len() int       { return len(a) }
func (a attempts) Swap(i, j int)  { a[i], a[j] = a[j], a[i] }
func (a *attempts) Push(line any) { *a = append(*a, line.(Line)) }

// Less orders attempts of one instant by id, and attempts with equal ids by content,
// not by line, so that a reversed file gives the same order. The end of a session
// comes after the attempts of its instant.
func (a attempts) Less(i, j int) bool {
	x, y := &a[i], &a[j]
	if c := cmp.Or(x.at().Compare(y.at()), cmp.Compare(len(y.Commands), len(x.Commands))); c != 0 || len(x.Commands) == 0 {
		return cmp.Or(c, cmp.Compare(x.Ordinal, y.Ordinal)) < 0
	}
	return compareCommands(&x.Commands[0], &y.Commands[0], x.Ordinal, y.Ordinal) < 0
}

func compareCommands(x, y *domain.Command, i, j int) int {
	p, q := x.Data.(*domain.LoginReport), y.Data.(*domain.LoginReport)
	return cmp.Or(
		cmp.Compare(x.Source, y.Source), cmp.Compare(x.ID, y.ID),
		cmp.Compare(p.User, q.User), cmp.Compare(p.Outcome, q.Outcome), cmp.Compare(p.Reason, q.Reason),
		cmp.Compare(i, j),
	)
}

func (a *attempts) Pop() any {
	last := len(*a) - 1
	line := (*a)[last]
	(*a)[last] = Line{} // releases the command
	*a = (*a)[:last]
	return line
}
