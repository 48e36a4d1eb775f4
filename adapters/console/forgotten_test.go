package console

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

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
