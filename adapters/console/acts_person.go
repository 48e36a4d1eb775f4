package console

import (
	"math"
	"net/http"
	"strconv"

	"authledger/domain"
)

// casePurpose is the field of a purpose, which has at most 128 characters.
var casePurpose = field{name: "purpose", kind: oneLine, isOptional: true, bytesMax: 4 * 128}

// personHold keeps the personal data of a user for a legal case (PERSON-2).
var personHold = act{
	name: "hold", right: "person.hold", reads: "holds",
	fields: []field{{name: "user", kind: target}, {name: "case", kind: oneLine, bytesMax: idMax},
		{name: "by", kind: person, bytesMax: idMax}, casePurpose},
	about: func(v *visit, b *actBody) error {
		u, err := v.aboutPerson(b)
		if err == nil && !u.IsKnown() {
			b.Notes = append(b.Notes, "note.erased")
		}
		return err
	},
	command: func(_ *visit, f form) domain.CommandData {
		return &domain.PersonHold{User: f["user"], Case: f["case"], By: f["by"], Purpose: f["purpose"]}
	},
	finish: (*visit).toUser,
}

// personRelease ends the hold of one case (PERSON-3).
var personRelease = act{
	name: "hold-release", right: "person.release", reads: "holds",
	fields: []field{{name: "user", kind: target}, {name: "case", kind: target},
		{name: "by", kind: person, bytesMax: idMax}, casePurpose},
	about: func(v *visit, b *actBody) error {
		u, err := v.aboutPerson(b)
		if err != nil {
			return err
		}
		for _, h := range u.Holds {
			if h.Case == b.values["case"] {
				return nil
			}
		}
		b.Notes = append(b.Notes, "note.nothold")
		return nil
	},
	command: func(_ *visit, f form) domain.CommandData {
		return &domain.PersonRelease{User: f["user"], Case: f["case"], By: f["by"], Purpose: f["purpose"]}
	},
	finish: (*visit).toUser,
}

// personForget erases the personal data of a user (PERSON-1). The officer types the user name, because
// nothing reverts the erasure. A confirmation concerns the person whom the page showed: with another state
// of the name it could erase a new person.
var personForget = act{
	name: "forget", right: "person.forget", reads: "holds",
	fields: []field{{name: "user", kind: target}, {name: stateField, kind: target},
		{name: "case", kind: oneLine, bytesMax: idMax}, {name: "by", kind: person, bytesMax: idMax}, casePurpose,
		{name: "typed", kind: oneLine, isTyped: true, bytesMax: nameMax}},
	about: (*visit).aboutForget,
	state: (*visit).personState,
	check: func(f form) *domain.Rejection {
		if f["typed"] != f["user"] {
			return &domain.Rejection{Field: "typed", Detail: "want the exact name of the user"}
		}
		return nil
	},
	command: func(_ *visit, f form) domain.CommandData {
		return &domain.PersonForget{User: f["user"], Case: f["case"], By: f["by"], Purpose: f["purpose"]}
	},
	finish: (*visit).toUser,
}

// aboutPerson adds a user and the standing holds of the user.
func (v *visit) aboutPerson(b *actBody) (domain.User, error) {
	name := b.values["user"]
	u, err := v.currentUser(name)
	if err != nil {
		return u, err
	}
	b.add("column.user", name, v.userPath(name))
	for _, h := range u.Holds {
		b.add("holds.hold", v.text.T("state.since", h.Case, v.since(h.Since)), "")
	}
	return u, nil
}

// aboutForget adds to aboutPerson the reasons why the ledger would refuse the erasure.
func (v *visit) aboutForget(b *actBody) error {
	u, err := v.aboutPerson(b)
	if err != nil {
		return err
	}
	if !u.IsKnown() {
		b.Notes = append(b.Notes, "note.erased")
	}
	if len(u.Holds) > 0 {
		b.Notes = append(b.Notes, "note.onhold")
		b.Others = v.link([]string{b.values["user"], u.Holds[0].Case}, &personRelease)
	}
	it, err := v.item(domain.OpenWithdrawalsKey(b.values["user"]))
	if open, isOpen := it.(*domain.OpenWithdrawals); isOpen && open.Count > 0 {
		b.Notes = append(b.Notes, "note.openwithdrawal")
	}
	return err
}

// personState returns the state of the user name in a form: the record of the newest erasure, "0" without
// one, and unknownMark if no later record names the user. Equal states thus mean the same person, or that no
// person has the name. The console reads the state before it submits the command: it does not detect a
// change between the read and the decision.
func (v *visit) personState(values form) (string, error) {
	name := values["user"]
	if v.badName(name) != nil {
		return "", &failure{status: http.StatusNotFound, key: "noname"}
	}
	view, err := v.Rows.View(v.r.Context())
	if err != nil {
		return "", err
	}
	defer view.Close()
	u, _, err := view.User(name)
	if err != nil {
		return "", err
	}
	seq := uint64(0)
	for e := range view.Erasures(name, false, 0, math.MaxInt64) {
		seq = e.Seq
		break
	}
	state := strconv.FormatUint(seq, 10)
	if !u.IsKnown() {
		state += unknownMark
	}
	return state, view.Err()
}

// unknownMark is the end of the state of a user name that no person has.
const unknownMark = "-unknown"
