package console

import (
	"cmp"
	"slices"

	"authledger/domain"
	"authledger/projections/queries"
)

// codeRevoke ends a live code of a user (CODE-5).
var codeRevoke = act{
	name: "code", right: "code.revoke", reads: "codes",
	fields: []field{
		{name: "user", kind: target}, {name: "code", kind: target}, {name: "by", kind: person, bytesMax: idMax},
	},
	about: (*visit).aboutCode,
	command: func(_ *visit, f form) domain.CommandData {
		return &domain.CodeRevoke{User: f["user"], Code: f["code"], By: f["by"]}
	},
}

// aboutCode adds a code that exists.
func (v *visit) aboutCode(b *actBody) error {
	user := b.values["user"]
	it, err := v.item(domain.CodeKey(user, b.values["code"]))
	c, ok := it.(*domain.Code)
	if err != nil || !ok {
		return orNoObject(err)
	}
	b.add("column.user", user, v.userPath(user))
	b.add("column.code", v.text.Name("kind", c.Kind)+" "+c.ID, "")
	b.add("column.issued", v.since(c.Issued), "")
	b.add("column.state", v.text.Name("state", c.State), "")
	b.add("column.stateuntil", v.since(c.Until), "")
	if !c.IsLive() {
		b.Notes = append(b.Notes, "note.code")
	}
	return nil
}

// liveStates are the states of codes that can be revoked.
var liveStates = []string{domain.Full, domain.Restricted, domain.Live}

func (v *visit) codeQueue() (queue, error) {
	q := queue{Name: "codes", Head: []string{"column.user", "column.code", "column.state", "column.issued",
		"column.stateuntil"}}
	var all []queries.RealmCode
	for _, state := range liveStates {
		found, err := v.Queries.RealmCodes(v.r.Context(), v.moment.at, v.moment.seq(),
			queries.Filter{State: state}, queries.Page{Limit: queueShown})
		if err != nil {
			return q, err
		}
		all, q.More = append(all, found.Items...), q.More || found.More
	}
	slices.SortFunc(all, func(a, b queries.RealmCode) int { return cmp.Compare(b.Seq, a.Seq) })
	if len(all) > queueShown {
		all, q.More = all[:queueShown], true
	}
	for i := range all {
		c := &all[i]
		q.Rows = append(q.Rows, queueRow{
			Cells: []cell{v.user(c.User), {Text: v.text.Name("kind", c.Kind), Below: c.ID},
				{Text: v.text.Name("state", c.State), Badge: "state-" + c.State}, {At: c.Issued}, {At: c.Until}},
			Acts: v.link([]string{c.User, c.ID}, &codeRevoke),
		})
	}
	return q, nil
}
