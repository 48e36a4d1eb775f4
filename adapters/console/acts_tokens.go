package console

import (
	"crypto/hmac"
	"crypto/sha512"
	"strconv"
	"strings"
	"time"

	"authledger/domain"
	"authledger/domain/access"
	"authledger/projections/queries"
)

// secretShownFor is the time after the record of a new secret in which the pages of its
// confirmation show it. A double click gets two answers, and the browser shows the second one.
const secretShownFor = time.Minute

// tokenAdd creates a token (CFG-1).
var tokenAdd = act{
	name: "token-add", right: "config.token_add", reads: "tokens",
	fields: []field{
		{name: "name", kind: oneLine, bytesMax: idMax},
		{name: "role", kind: choice, choices: domain.TokenRoles()},
		{name: "source", kind: oneLine, isOptional: true, bytesMax: domain.SourceBytesMax},
		{name: "persons", kind: area, isOptional: true, bytesMax: personsMax},
		{name: "rate", kind: number, isOptional: true, bytesMax: numberMax},
		{name: "expires", kind: instant, isOptional: true},
		{name: "nkey", kind: oneLine, isOptional: true, bytesMax: idMax},
	},
	about: func(*visit, *actBody) error { return nil },
	check: func(f form) *domain.Rejection {
		if _, err := strconv.ParseUint(f["rate"], 10, 32); f["rate"] != "" && err != nil {
			return &domain.Rejection{Field: "rate", Detail: "want a whole number"}
		}
		if _, err := parseLocal(f["expires"]); f["expires"] != "" && err != nil {
			return &domain.Rejection{Field: "expires", Detail: "want an instant such as 2026-03-02T15:09"}
		}
		return nil
	},
	command: newToken,
	finish: func(v *visit, f form, o *outcome) {
		o.Secret, _ = v.options.NewToken(v.seed(f))
		v.hideOld(o)
	},
}

func newToken(v *visit, f form) domain.CommandData {
	add := &domain.ConfigTokenAdd{
		Name: f["name"], Role: f["role"], Source: f["source"], NKey: f["nkey"], Persons: listed(f["persons"]),
	}
	add.Rate, _ = strconv.ParseInt(f["rate"], 10, 64) // the function check has parsed both
	add.Expires, _ = parseLocal(f["expires"])
	_, add.TokenHash = v.options.NewToken(v.seed(f))
	return add
}

// tokenRevoke ends a token.
var tokenRevoke = act{
	name: "token-revoke", right: "config.token_revoke", reads: "tokens",
	fields: []field{{name: "name", kind: target}},
	about:  (*visit).aboutToken,
	command: func(_ *visit, f form) domain.CommandData {
		return &domain.ConfigTokenRevoke{Name: f["name"]}
	},
}

// seed returns the secret bytes of a confirmation. They depend on the session and on the id of
// the command, so that a repeated confirmation has the same content, and no page contains the
// secret before the record exists.
func (v *visit) seed(f form) (seed [sha512.Size]byte) {
	mac := hmac.New(sha512.New, v.secretKey[:])
	mac.Write([]byte(v.act.name + "\x00" + v.form + "\x00" + f[idField]))
	return [sha512.Size]byte(mac.Sum(nil))
}

// hideOld removes the secret of an outcome whose record is older than secretShownFor.
func (v *visit) hideOld(o *outcome) {
	if v.options.Now().Sub(o.Time) > secretShownFor {
		o.Secret, o.WasShown = "", true
	}
}

// listed returns the words of a text, which spaces, commas or line ends separate.
func listed(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" ,\r\n\t", r) })
}

// aboutToken adds a token that exists.
func (v *visit) aboutToken(b *actBody) error {
	t, err := configured(v, domain.TokenItem, func(t *domain.Token) bool { return t.Name == b.values["name"] })
	if err != nil {
		return err
	}
	b.add("column.token", t.Name, "")
	b.add("column.role", v.text.Name("role", t.Role), "")
	b.add("record.source", t.Source, "")
	b.add("field.persons", strings.Join(t.Persons, ", "), "")
	b.add("work.made", v.since(t.Made), "")
	b.add("work.expires", v.since(t.Expires), "")
	if t.Name == v.caller.Name {
		b.Notes = append(b.Notes, "note.token")
	}
	return nil
}

// configured returns the token or endpoint that is wanted, errNoObject without one.
func configured[T domain.Item](v *visit, kind domain.ItemKind, isWanted func(T) bool) (found T, err error) {
	view, err := v.Rows.View(v.r.Context())
	if err != nil {
		return found, err
	}
	defer view.Close()
	for it := range view.RealmItems(kind, "") {
		if of, ok := it.(T); ok && isWanted(of) {
			return of, nil
		}
	}
	return found, orNoObject(view.Err())
}

func (v *visit) tokenQueue() (queue, error) {
	q := queue{Name: "tokens", IsList: true, Acts: v.link(nil, &tokenAdd),
		Head: []string{"column.token", "column.role", "record.source", "field.persons", "work.expires"}}
	found, err := v.Queries.Tokens(v.r.Context(), queries.Page{Limit: configShown})
	if err != nil {
		return q, err
	}
	for i := range found.Tokens {
		t := &found.Tokens[i]
		persons := strings.Join(t.Persons, ", ")
		if persons == access.Anyone {
			persons = v.text.T("work.anyone")
		}
		q.Rows = append(q.Rows, queueRow{
			Cells: []cell{{Text: t.Name}, {Text: v.text.Name("role", t.Role)}, {Text: t.Source},
				{Text: persons}, {At: t.Expires}},
			Acts: v.link([]string{t.Name}, &tokenRevoke),
		})
	}
	q.More = found.More
	return q, nil
}
