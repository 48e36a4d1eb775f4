package queries

import (
	"encoding/binary"
	"errors"
	"math"
	"time"

	"authledger/domain"
)

// ErrPosition reports the position of a page that no answer of the query contains.
var ErrPosition = errors.New("after: invalid value, want the member next of the previous page")

// Page selects a part of a list: at most Limit items, and at most [ListMax]. The list begins
// with the newest item, or with the oldest item if Oldest is true. An item keeps its position,
// so the pages of a list contain each item once, also while new items are added.
type Page struct {
	Limit  int
	Oldest bool
	After  []byte // position of the last item of the previous page; nil for the first page

	At time.Time // instant that the request names, which the answer repeats; zero without one

	// Next returns the text of a position for the member next of the answer.
	Next func(position []byte) string
}

func (p *Page) limit() int { return min(max(p.Limit, 1), ListMax) }

// next returns the member next of an answer whose list continues after the position.
func (p *Page) next(position []byte) string {
	if p.Next == nil || len(position) == 0 {
		return ""
	}
	return p.Next(position)
}

// Part is the part of a list that an answer contains, beside the list.
type Part struct {
	Next string // position for the parameter after of the next page; "" on the last page
	More bool   // more items may follow
	AsOf AsOf
	At   time.Time // zero unless the request names an instant
}

// Members visits the members that follow a list with a name of its own. They include the member
// more.
func (p *Part) Members(v domain.Visitor) {
	v.Text("next", &p.Next, domain.Free)
	v.Flag("more", &p.More, domain.Need)
	p.moment(v)
}

// members visits the members that follow a list with the name items.
func (p *Part) members(v domain.Visitor) {
	v.Text("next", &p.Next, domain.Free)
	p.moment(v)
}

// NextPage returns the value of the parameter after for the next page, "" on the last page.
func (p *Part) NextPage() string { return p.Next }

func (p *Part) moment(v domain.Visitor) {
	v.Object("asOf", &p.AsOf, domain.Need)
	v.Instant("at", &p.At, domain.Free)
}

// seqs selects items by the records that named them first.
type seqs struct {
	above, below uint64 // exclusive bounds
	oldest       bool   // the order is ascending
	limit        int
}

// endOfSeqs is above the number of every record.
const endOfSeqs = math.MaxInt64

// seqs returns the items of the page, for a list whose positions are records.
func (p *Page) seqs() (seqs, error) {
	s := seqs{below: endOfSeqs, oldest: p.Oldest, limit: p.limit()}
	if p.After == nil {
		return s, nil
	}
	if len(p.After) != 8 {
		return s, ErrPosition
	}
	return s.after(binary.BigEndian.Uint64(p.After)), nil
}

// after returns the items of s after the item at seq.
func (s seqs) after(seq uint64) seqs {
	if s.oldest {
		s.above = seq
	} else {
		s.below = min(s.below, seq)
	}
	return s
}

// seqPosition returns the position of an item in a list whose positions are records.
func seqPosition(seq uint64) []byte { return binary.BigEndian.AppendUint64(nil, seq) }
