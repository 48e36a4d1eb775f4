package wire

import (
	"time"

	"authledger/domain"
)

// needs visits the members of an object that was read, and records the first required member
// that is missing.
type needs struct {
	reader *reader
	visit  int
}

func (n *needs) check(d domain.Data) { d.Members(n) }

func (n *needs) member(name string, f domain.Form) {
	n.visit++
	r := n.reader
	if f.Need && r.seen&(1<<(n.visit-1)) == 0 && r.missing == nil {
		r.missing = &domain.Rejection{Reason: domain.MissingField, Field: r.path + name, Detail: "this field is required"}
	}
}

func (n *needs) Text(name string, _ *string, f domain.Form)       { n.member(name, f) }
func (n *needs) Count(name string, _ *int64, f domain.Form)       { n.member(name, f) }
func (n *needs) Flag(name string, _ *bool, f domain.Form)         { n.member(name, f) }
func (n *needs) Instant(name string, _ *time.Time, f domain.Form) { n.member(name, f) }
func (n *needs) Instants(name string, _ *[]time.Time)             { n.member(name, domain.Free) }
func (n *needs) Texts(name string, _ *[]string)                   { n.member(name, domain.Free) }
func (n *needs) Object(name string, _ domain.Data, f domain.Form) { n.member(name, f) }
func (n *needs) List(name string, _ domain.Items)                 { n.member(name, domain.Free) }
