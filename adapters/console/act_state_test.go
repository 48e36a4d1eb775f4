package console

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"authledger/domain"
	"authledger/domain/access"
)

var stateValues = regexp.MustCompile(`name="state" value="([^"]*)"`)

// state returns the state of the object in the form of a page.
func (r reply) state(t *testing.T) string {
	t.Helper()
	found := stateValues.FindStringSubmatch(r.body)
	if found == nil {
		t.Fatalf("got no state in %s, want one", r.body)
	}
	return found[1]
}

// TestForgetRefusesOutdatedConfirmation checks each step of an erasure on which an officer begins before
// another officer erases the user and a new person logs in with the name.
func TestForgetRefusesOutdatedConfirmation(t *testing.T) {
	const notice = "a new person with the name. Nothing was submitted"
	for _, step := range []string{"/work/forget", "/work/forget/submit"} {
		t.Run(step, func(t *testing.T) {
			// Given the confirmation of olga for carol, another erasure, and a new person with the name.
			c := newTestConsole(t, true)
			c.do(0, login("carol"))
			v := c.visitor(access.Officer)
			state := v.get("/work/forget?user=carol").state(t)
			form := v.confirm("forget", "user", "carol", "state", state, "case", "C-7", "by", "olga",
				"typed", "carol")
			c.do(0, &domain.PersonForget{User: "carol", Case: "C-6", By: "otto"})
			seq := c.do(0, login("carol")).Seq

			// When olga submits her page.
			got := v.post(step, form)

			// Then the console records nothing, and asks for the typed name again.
			got.want(t, http.StatusConflict, notice, `name="typed"`, `value="C-7"`)
			if strings.Count(got.body, `value="carol"`) != 1 || strings.Contains(got.body, `name="id"`) {
				t.Errorf("got a confirmation or a typed name, want an empty field: %s", got.body)
			}
			if now := c.rows.Position().Seq; now != seq {
				t.Errorf("got records up to %d, want %d", now, seq)
			}

			// When she confirms the present state, then the ledger erases the new person, and only this
			// confirmation gets the recorded verdict again.
			form = v.confirm("forget", "user", "carol", "state", got.state(t), "case", "C-7", "by", "olga",
				"typed", "carol")
			v.post("/work/forget/submit", form).want(t, http.StatusOK, "accepted")
			v.post("/work/forget/submit", form).want(t, http.StatusOK, "accepted", "recorded before")
			form.Set("id", "c-1")
			v.post("/work/forget/submit", form).want(t, http.StatusConflict, notice)
		})
	}
}

// TestForgetNeedsTheState checks that no form and no link without the shown state erases a user.
func TestForgetNeedsTheState(t *testing.T) {
	c := newTestConsole(t, true)
	c.do(0, login("carol"))
	c.do(0, &domain.PersonForget{User: "carol", Case: "C-6", By: "otto"})
	c.do(0, login("carol"))
	v := c.visitor(access.Officer)
	if got := v.get("/work/forget?user=carol&state=7").state(t); got != "2" {
		t.Errorf("form of a link with state 7: got state %s, want 2", got)
	}
	for _, state := range []string{"", "0", "3", "2x"} {
		form := v.values("user", "carol", "state", state, "case", "C-7", "by", "olga", "typed", "carol",
			"id", "c-1")
		for _, path := range []string{"/work/forget", "/work/forget/submit"} {
			v.post(path, form).want(t, http.StatusConflict, "Nothing was submitted")
		}
	}
}

// TestForgetOfUnknownNameErasesNoNewPerson checks the pages that an officer loads between an erasure and the
// login of a new person with the name: the page of the form, and the page of a refused confirmation.
func TestForgetOfUnknownNameErasesNoNewPerson(t *testing.T) {
	const notice = "Nothing was submitted"
	c := newTestConsole(t, true)
	v := c.visitor(access.Officer)
	values := []string{"user", "carol", "case", "C-7", "by", "olga", "typed", "carol", "state"}
	for _, page := range []struct {
		name string
		load func() reply
	}{
		{"form", func() reply { return v.get("/work/forget?user=carol") }},
		{"refused", func() reply { return v.post("/work/forget", v.values(append(values, "0")...)) }},
	} {
		t.Run(page.name, func(t *testing.T) {
			// Given the confirmation of a page that states the erasure, and a new person with the name.
			c.do(0, login("carol"))
			c.do(0, &domain.PersonForget{User: "carol", Case: "C-6", By: "otto"})
			shown := page.load()
			if !strings.Contains(shown.body, "no later command names the user") {
				t.Errorf("got a page without the erasure, want it: %s", shown.body)
			}
			form := v.confirm("forget", append(values, shown.state(t))...)
			seq := c.do(0, login("carol")).Seq

			// When the officer submits either form, then the console records nothing.
			for _, path := range []string{"/work/forget", "/work/forget/submit"} {
				v.post(path, form).want(t, http.StatusConflict, notice)
			}
			if now := c.rows.Position().Seq; now != seq {
				t.Errorf("got records up to %d, want %d", now, seq)
			}
		})
	}
}
