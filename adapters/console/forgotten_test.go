package console

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"authledger/domain"
	"authledger/domain/access"
)

// TestUserPageNamesTheErasure checks that the page of a user states the erasure of the personal data, for
// the moments from the erasure until the next record that names the user.
func TestUserPageNamesTheErasure(t *testing.T) {
	const notice = "personal data of this user was erased"
	c := newTestConsole(t, true)
	before := c.do(0, login("carol"))
	erased := c.do(0, &domain.PersonForget{User: "carol", Case: "C-1", By: "olga"})
	v := c.visitor(access.Support)
	v.get("/users/carol").want(t, http.StatusOK, notice)
	after := c.do(0, login("carol"))
	for seq, want := range map[uint64]bool{before.Seq: false, erased.Seq: true, after.Seq: false} {
		page := v.get("/users/carol?asOf=" + fmt.Sprint(seq))
		page.want(t, http.StatusOK)
		if got := strings.Contains(page.body, notice); got != want {
			t.Errorf("page as of record %d: got a notice: %t, want %t", seq, got, want)
		}
	}
}

// TestRevealPastRetention checks that the page states the retention of an unattributed attempt that the
// ledger has erased, also if the record of this view is the first one after the retention (PERSON-4).
func TestRevealPastRetention(t *testing.T) {
	c := newTestConsole(t, true)
	seq := c.do(0, &domain.LoginReport{User: "mallory", Outcome: domain.Failed, Reason: domain.UnknownUser,
		IP: "192.0.2.7"}).Seq
	v := c.visitor(access.Auditor)
	reveal := func() reply {
		path := "/records/" + fmt.Sprint(seq)
		form := url.Values{"form": {v.get(path).formToken(t)}, "purpose": {"complaint 17"}}
		return v.post(path+"/reveal", form)
	}
	reveal().want(t, http.StatusOK, "192.0.2.7", "mallory")
	c.ahead.Store(int64(15 * 31 * 24 * time.Hour))
	got := reveal()
	got.want(t, http.StatusOK, "erased after the retention: the ledger destroys", "13 months after its month")
	for _, text := range []string{"192.0.2.7", "mallory", "sealed"} {
		if strings.Contains(got.body, text) {
			t.Errorf("page after the retention: got %q, want none", text)
		}
	}
}
