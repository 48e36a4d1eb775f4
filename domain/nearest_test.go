package domain

import "testing"

func TestNearest_SuggestsCloseWords(t *testing.T) {
	types := append(CommandTypes(), EventTypes()...)
	for typed, want := range map[string]string{
		"lgoin.begin":      "login.begin",
		"login.reprot":     "login.report",
		"login.failed":     "login.failed",
		"withdrawal.aprov": "withdrawal.approved",
		"":                 "",
		"something.else":   "",
	} {
		if got := Nearest(typed, types); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", typed, got, want)
		}
	}
}
