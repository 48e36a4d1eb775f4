package bench

import (
	"strings"
	"testing"

	"authledger/domain"
)

// TestCreateScratch_HidesPassword checks that no error contains the password of a DSN: neither of an
// invalid DSN nor of a server that does not listen.
func TestCreateScratch_HidesPassword(t *testing.T) {
	const password = "s3cret"
	for _, dsn := range []string{
		"postgres://user:" + password + "@127.0.0.1:bad/db",
		"host=127.0.0.1 password=" + password + " port=none",
		"password='" + password,
		"postgres://user:" + password + "@127.0.0.1:1/db?sslmode=disable",
	} {
		_, err := createScratch(t.Context(), dsn, domain.IBKRSLS())
		if err == nil {
			t.Fatal("got no error, want one")
		}
		if strings.Contains(err.Error(), password) {
			t.Errorf("got an error with the password, want it without: %v", err)
		}
	}
}

// TestRuleOf checks that the SQL contains the numbers of the policy and no placeholder.
func TestRuleOf(t *testing.T) {
	p := domain.IBKRSLS()
	p.RefusalsExtend = true
	sql := ruleOf(p)
	for _, placeholder := range []string{"{failures}", "{window}", "{duration}", "{attempt}", "{extend}"} {
		if !strings.Contains(loginSQL, placeholder) || strings.Contains(sql, placeholder) {
			t.Errorf("got the placeholder %s in the result or not in the text, want it replaced", placeholder)
		}
	}
	if !strings.Contains(sql, "= 'locked_out' AND true") {
		t.Error("got no condition of an extending policy, want one")
	}
}
