package signins

import (
	"cmp"
	"container/heap"
	"errors"
	"io"

	"authledger/domain"
)

// AttemptsHeld bounds how many attempts an [Order] holds: more than a portal lets
// anybody download at once.
const AttemptsHeld = 128 << 10

// Order gives the lines of a reader, their attempts in the order of time: the
// earliest of those that it holds comes next. Lines without an attempt don't wait.
// It is not safe for concurrent use.
type Order struct {
	lines *Reader
	most  int
	held  attempts
	ended bool
}

// InOrder orders the attempts of a reader, which nobody else reads then.
func InOrder(r *Reader) *Order { return &Order{lines: r, most: AttemptsHeld} }

// Next returns the next line. It ends with io.EOF; any other error is one of
// reading, and leaves out the attempts that are held: told without those behind
// the error, they could be in the wrong order.
func (o *Order) Next() (Line, error) {
	for !o.ended && len(o.held) < o.most {
		line, err := o.lines.Next()
		switch {
		case errors.Is(err, io.EOF):
			o.ended = true
		case err != nil || len(line.Commands) == 0:
			return line, err
		default:
			heap.Push(&o.held, line)
		}
	}
	if len(o.held) == 0 {
		return Line{}, io.EOF
	}
	return heap.Pop(&o.held).(Line), nil
}

// attempts is a heap of lines with one command each.
type attempts []Line

func (a attempts) Len() int       { return len(a) }
func (a attempts) Swap(i, j int)  { a[i], a[j] = a[j], a[i] }
func (a *attempts) Push(line any) { *a = append(*a, line.(Line)) }

// Less puts attempts of one instant in the order of their ids, and those of one id in
// that of what they say, not of their lines: turning a file round changes nothing.
func (a attempts) Less(i, j int) bool {
	x, y := &a[i].Commands[0], &a[j].Commands[0]
	p, q := x.Data.(*domain.LoginReport), y.Data.(*domain.LoginReport)
	return cmp.Or(
		x.Time.Compare(y.Time), cmp.Compare(x.Source, y.Source), cmp.Compare(x.ID, y.ID),
		cmp.Compare(p.User, q.User), cmp.Compare(p.Outcome, q.Outcome), cmp.Compare(p.Reason, q.Reason),
		cmp.Compare(a[i].Number, a[j].Number),
	) < 0
}

func (a *attempts) Pop() any {
	last := len(*a) - 1
	line := (*a)[last]
	(*a)[last] = Line{} // lets go of the command
	*a = (*a)[:last]
	return line
}
