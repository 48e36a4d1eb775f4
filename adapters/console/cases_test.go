package console

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"authledger/domain"
	"authledger/domain/access"
)

// TestCasesByRole checks that each role sees the cases and the erasure of a user on the pages exactly if it
// may read them over the API.
func TestCasesByRole(t *testing.T) {
	const notice = "personal data of this user was erased"
	c := newTestConsole(t, true)
	c.do(0, login("carol"))
	marks := []string{"H-77", "court order", "end of the trial", "F-77", "erasure request", "officer/olga"}
	hidden := append([]string{"K-77", "olga"}, marks...)
	for i, data := range []domain.CommandData{
		&domain.PersonHold{User: "carol", Case: "H-77", By: "olga", Purpose: "court order"},
		&domain.PersonRelease{User: "carol", Case: "H-77", By: "olga", Purpose: "end of the trial"},
		&domain.PersonForget{User: "carol", Case: "F-77", By: "olga", Purpose: "erasure request"},
	} {
		_, err := c.ledger.Do(t.Context(), domain.Command{Source: "officer/olga", ID: fmt.Sprint("K-77-", i),
			Time: time.Now().UTC(), Caller: "olga", Data: data})
		record, err2 := c.ledger.Record(t.Context(), uint64(i+2))
		if err := errors.Join(err, err2); err != nil {
			t.Fatal(err)
		}
		hidden = append(hidden, hex.EncodeToString(record.Content[:]))
	}
	paths := []string{"/users/carol", "/work", "/records", "/records.jsonl", "/records.csv", "/records/2",
		"/records/3", "/records/4"}
	visitors := c.visitors()
	for role, sees := range map[access.Role]struct{ cases, erasure bool }{
		access.Gateway: {false, false}, access.Support: {false, true}, access.Dashboard: {false, false},
		access.Operator: {false, false}, access.Officer: {true, false}, access.Auditor: {true, true},
	} {
		v := visitors(role)
		for _, path := range paths {
			page := v.get(path)
			for _, mark := range hidden {
				if strings.Contains(page.body, mark) && !sees.cases {
					t.Errorf("%s as %s: got %q, want none: %s", path, role, mark, page.body)
				}
			}
		}
		page := v.get("/users/carol")
		if got := strings.Contains(page.body, notice); got != sees.erasure {
			t.Errorf("page of the user as %s: got the notice of the erasure %t, want %t", role, got, sees.erasure)
		}
		if sees.cases {
			page.want(t, http.StatusOK, marks...)
		}
	}
	page := visitors(access.Support).get("/users/carol")
	page.want(t, http.StatusOK, "<code>person.hold</code>", "<code>person.forget</code>")
}
