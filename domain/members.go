package domain

import "time"

// Data is a type with named members: the data of a command or event, the result of a
// verdict, or a state.
type Data interface {
	// Members passes every member to v, always in the same order. The names are
	// stored permanently: add members at the end, and never rename one.
	Members(v Visitor)
}

// Visitor reads or writes members. A writer omits a member that is zero and not required. A
// reader leaves an absent member zero.
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

// Items is a list member. A reader clears it and then grows it by one element at a time.
type Items interface {
	Len() int
	Clear()
	Grow() Data
	At(i int) Data
}

// Form describes the valid values of a member of a command.
type Form struct {
	Need     bool                // required: if absent, the command is rejected as missing_field
	Personal bool                // sealed, and not part of the content
	Secret   bool                // of a personal text: a secret of the ledger, which no reader may reveal
	Wrong    func(string) string // of a text: the detail of a bad_field rejection, "" if valid
	OneOf    []string            // of a text: the valid values, if they can be listed
	Pattern  string              // of a text: an approximation as a regular expression, for schemas
	BytesMax int                 // of a text: the maximum length if Pattern is empty, for schemas
	Most     int64               // of a count: the maximum, 0 for countMost
	Stored   string              // of an object: its name in records, "" if records use the member's name
}

// countMost is the default maximum of a count. All counts and durations in seconds are far
// below it.
const countMost = 1 << 31

// Need is the form of a required member without further checks.
var Need = Form{Need: true}

// Free is the form of an optional member without further checks.
var Free = Form{}

// CountMost returns the maximum of a count.
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

// items implements [Items] for a slice of a struct type.
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

// List returns a slice of a struct type as a list member.
func List[T any, P interface {
	*T
	Data
}](s *[]T) Items {
	return items[T, P]{s}
}
