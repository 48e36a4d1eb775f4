package console

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"authledger/domain"
	"authledger/domain/access"
)

// TestUserPageShowsHolds checks the holds and the acts on the page of a user by role, and on a page about
// the past.
func TestUserPageShowsHolds(t *testing.T) {
	c := newTestConsole(t, true)
	before := c.do(0, login("carol"))
	c.do(0, &domain.PersonHold{User: "carol", Case: "L-1", By: "olga", Purpose: "court order"})
	const title, row, release, erase = `id="holds-title"`, "<td><bdi>court order</bdi></td>",
		"/work/hold-release?case=L-1&amp;user=carol", "/work/forget?user=carol"
	for _, r := range []struct {
		name      string
		role      access.Role
		asOf      uint64
		want, not []string
	}{
		{"officer", access.Officer, 0, []string{title, row, release, erase, "/work/hold?user=carol"}, nil},
		{"auditor", access.Auditor, 0, []string{title, row}, []string{release, erase}},
		{"support", access.Support, 0, nil, []string{title, row, release, erase}},
		{"officer before the hold", access.Officer, before.Seq, []string{title, "No hold stands"},
			[]string{row, release, erase}},
	} {
		t.Run(r.name, func(t *testing.T) {
			path := "/users/carol"
			if r.asOf > 0 {
				path += fmt.Sprint("?asOf=", r.asOf)
			}
			page := c.visitor(r.role).get(path)
			page.want(t, http.StatusOK, r.want...)
			for _, not := range r.not {
				if strings.Contains(page.body, not) {
					t.Errorf("got a page with %q, want none: %s", not, page.body)
				}
			}
		})
	}
}

// TestForgetFormNamesRefusals checks that the form of an erasure states why the ledger would refuse it, and
// that the page of the user names the case of the erasure.
func TestForgetFormNamesRefusals(t *testing.T) {
	c := newTestConsole(t, true)
	c.do(0, login("carol"))
	c.do(0, &domain.PersonHold{User: "carol", Case: "L-1", By: "olga"})
	v := c.visitor(access.Officer)
	v.get("/work/forget?user=carol").want(t, http.StatusOK, "A hold stands", "/work/hold-release?case=L-1")
	v.get("/work").want(t, http.StatusOK, `id="holds"`, "/work/hold-release?case=L-1&amp;user=carol")
	form := v.confirm("forget", "user", "carol", "state", "0", "case", "C-7", "by", "olga", "typed", "carol")
	v.post("/work/forget/submit", form).want(t, http.StatusOK, "refused")

	c.do(0, &domain.PersonRelease{User: "carol", Case: "L-1", By: "olga"})
	v.get("/work/hold-release?user=carol&case=L-1").want(t, http.StatusOK, "No hold of this case stands")
	form = v.confirm("forget", "user", "carol", "state", "0", "case", "C-7", "by", "olga", "typed", "carol")
	v.post("/work/forget/submit", form).want(t, http.StatusOK, "accepted", `href="/users/carol"`)
	v.get("/users/carol").want(t, http.StatusOK, "was erased at", "C-7")
	v.get("/work/forget?user=carol").want(t, http.StatusOK, "was erased, and no later command")

	c.do(0, &domain.DeviceActivate{User: "dave", Device: "card-2", Class: "platinum", Method: "portal"})
	c.do(0, &domain.WithdrawalRequest{Withdrawal: "w-1", Account: "U1", User: "dave", Device: "card-2",
		Amount: "1.00", Currency: "USD"})
	v.get("/work/forget?user=dave").want(t, http.StatusOK, "An approved withdrawal is neither settled")
}

// TestForgetNeedsTheTypedUserName checks the form and the submission of an erasure without the exact user
// name.
func TestForgetNeedsTheTypedUserName(t *testing.T) {
	c := newTestConsole(t, true)
	seq := c.do(0, login("carol")).Seq
	v := c.visitor(access.Officer)
	for _, typed := range []string{"", "Carol", "carol2"} {
		form := v.values("user", "carol", "state", "0", "case", "C-7", "by", "olga", "typed", typed,
			"id", "c-1")
		for _, path := range []string{"/work/forget", "/work/forget/submit"} {
			page := v.post(path, form)
			page.want(t, http.StatusUnprocessableEntity, `id="typed-error"`, "want the exact name")
		}
	}
	link := v.get("/work/forget?user=carol&case=C-7&by=olga&typed=carol")
	link.want(t, http.StatusOK, `name="typed"`, `value="C-7"`)
	if strings.Count(link.body, `value="carol"`) != 1 { // of the hidden field user
		t.Errorf("form of a link with the typed name: got the name filled in, want it empty:\n%s", link.body)
	}
	v.get("/work/forget?user=zoe").want(t, http.StatusNotFound)
	if got := c.rows.Position().Seq; got != seq {
		t.Errorf("got records up to %d, want %d", got, seq)
	}
}
