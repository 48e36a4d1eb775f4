package console

import (
	"net/http"
	"net/url"
	"strconv"

	"authledger/domain"
	"authledger/projections/queries"
)

// holdsPart holds the standing holds of a user, and the newest erasure of the personal data of a user with
// that name.
type holdsPart struct {
	Rows   []holdRow
	More   bool
	Erased *queries.Erasure // nil without one
	Acts   []actLink
}

type holdRow struct {
	queries.Hold
	ID   string // of the case, for the links of the acts
	Acts []actLink
}

func (v *visit) addHolds(b *userBody) error {
	of := queries.Filter{User: b.User}
	ctx, at, asOf := v.r.Context(), v.moment.at, v.moment.seq()
	found, err := v.Queries.Holds(ctx, at, asOf, of, queries.Page{Limit: itemsShown, Oldest: true})
	if err != nil {
		return err
	}
	erased, err := v.Queries.Erasures(ctx, at, asOf, of, queries.Page{Limit: 1})
	if err != nil {
		return err
	}
	p := &holdsPart{More: found.More, Acts: v.linkNow([]string{b.User}, &personHold, &personForget)}
	for _, h := range found.Items {
		p.Rows = append(p.Rows, holdRow{h, h.Case, v.linkNow([]string{b.User, h.Case}, &personRelease)})
	}
	if len(erased.Items) > 0 {
		p.Erased = &erased.Items[0]
	}
	b.Holds = p
	return nil
}

// holdQueue lists the standing holds of all users. No hold waits for an act.
func (v *visit) holdQueue() (queue, error) {
	q := queue{Name: "holds", IsList: true, Head: []string{"column.user", "field.case", "field.by",
		"field.purpose", "column.since", "column.record"}}
	found, err := v.Queries.Holds(v.r.Context(), v.moment.at, v.moment.seq(), queries.Filter{},
		queries.Page{Limit: queueShown, Oldest: true})
	if err != nil {
		return q, err
	}
	for _, h := range found.Items {
		q.Rows = append(q.Rows, queueRow{
			Cells: []cell{v.user(h.User), {Text: h.Case}, {Text: h.By}, {Text: h.Purpose}, {At: h.Since},
				{Text: strconv.FormatUint(h.Seq, 10)}},
			Acts: v.link([]string{h.User, h.Case}, &personRelease),
		})
	}
	q.More = found.More
	return q, nil
}

// currentUser returns the newest state of the user of an act. It returns errNoObject if no record names
// the user.
func (v *visit) currentUser(name string) (domain.User, error) {
	if v.badName(name) != nil {
		return domain.User{}, &failure{status: http.StatusNotFound, key: "noname"}
	}
	view, err := v.Rows.View(v.r.Context())
	if err != nil {
		return domain.User{}, err
	}
	defer view.Close()
	u, last, err := view.User(name)
	if err == nil && last == 0 {
		err = errNoObject
	}
	return u, err
}

// toUser sets the page of the user as the next step after an act.
func (v *visit) toUser(f form, o *outcome) {
	if v.mayAny(userOperations) {
		o.Next, o.NextText = "/users/"+url.PathEscape(f["user"]), "user.title"
	}
}
