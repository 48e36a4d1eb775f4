package domain

import "time"

// Data is anything with named members: a command's or an event's data, a
// verdict's result, a state.
type Data interface {
	// Members shows every member to v, always in the same order. The names
	// are stored forever: add members, at the end, and never rename one.
	Members(v Visitor)
}

// Visitor reads or writes members. A member that is not Need and is zero is
// absent when written, and stays zero when it was absent where it is read.
type Visitor interface {
	Text(name string, at *string, f Form)
	Count(name string, at *int64, f Form)
	Flag(name string, at *bool, f Form)
	Instant(name string, at *time.Time, f Form)
	Instants(name string, at *[]time.Time)
	Texts(name string, at *[]string)
	Object(name string, at Data, f Form)
	List(name string, of Items)
}

// Items is a list member. Reading resizes it to zero and grows it by one.
type Items interface {
	Len() int
	Clear()
	Grow() Data
	At(i int) Data
}

// Form says what one member must look like in a command.
type Form struct {
	Need     bool                // absent is missing_field
	Personal bool                // sealed, and no part of the content
	Wrong    func(string) string // of a text: why it is bad_field, or ""
	OneOf    []string            // of a text: all that pass, if they are few
	Pattern  string              // of a text: what passes, as far as a regular expression says it; for documents
	BytesMax int                 // of a text: the length that passes, where no pattern bounds it; for documents
	Most     int64               // of a count: the greatest that passes, 0 for [countMost]
}

// countMost bounds every count: nothing the ledger counts, and no duration in
// seconds, comes near it, and ten years of nanoseconds more never overflow.
const countMost = 1 << 31

// Need is the form of what must be there, and is checked no further.
var Need = Form{Need: true}

// Free is the form of what may be absent, and is checked no further.
var Free = Form{}

// CountMost is the greatest count that f lets pass.
func (f Form) CountMost() int64 {
	if f.Most > 0 {
		return f.Most
	}
	return countMost
}

func (f Form) optional() Form {
	f.Need = false
	return f
}

// items makes a slice of a struct type a list member.
type items[T any, P interface {
	*T
	Data
}] struct{ s *[]T }

func (l items[T, P]) Len() int      { return len(*l.s) }
func (l items[T, P]) Clear()        { *l.s = nil }
func (l items[T, P]) At(i int) Data { return P(&(*l.s)[i]) }
func (l items[T, P]) Grow() Data {
	*l.s = append(*l.s, *new(T))
	return l.At(len(*l.s) - 1)
}

// List makes a slice of a struct type a list member.
func List[T any, P interface {
	*T
	Data
}](s *[]T) Items {
	return items[T, P]{s}
}
