package projections

import (
	"encoding/hex"
	"hash/fnv"
	"sync"
	"time"

	"authledger/domain"
)

// statesLayout returns a hash of the kinds of the members of all states, in their order. Rows
// hold members by position, so a state with a new member makes the existing rows unreadable.
var statesLayout = sync.OnceValue(func() string {
	var l layout
	new(domain.User).Members(&l)
	new(domain.Account).Members(&l)
	for kind := range domain.ItemKind(127) {
		if it := domain.NewItem(kind); it != nil {
			l = append(l, byte(kind))
			it.Members(&l)
		}
	}
	hash := fnv.New32a()
	hash.Write(l)
	return hex.EncodeToString(hash.Sum(nil))
})

// layout is a Visitor that collects a code for the kind of each member.
type layout []byte

func (l *layout) Text(string, *string, domain.Form)       { *l = append(*l, 't') }
func (l *layout) Count(string, *int64, domain.Form)       { *l = append(*l, 'n') }
func (l *layout) Flag(string, *bool, domain.Form)         { *l = append(*l, 'f') }
func (l *layout) Instant(string, *time.Time, domain.Form) { *l = append(*l, 'i') }
func (l *layout) Instants(string, *[]time.Time)           { *l = append(*l, 'I') }
func (l *layout) Texts(string, *[]string)                 { *l = append(*l, 'T') }
func (l *layout) Object(_ string, at domain.Data, _ domain.Form) {
	*l = append(*l, '{')
	at.Members(l)
	*l = append(*l, '}')
}
func (l *layout) List(_ string, of domain.Items) {
	*l = append(*l, '[')
	of.Grow().Members(l)
	of.Clear()
	*l = append(*l, ']')
}
