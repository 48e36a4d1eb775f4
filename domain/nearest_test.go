package domain

import "testing"

func TestNearest_SuggestsCloseWords(t *testing.T) {
	types := append(CommandTypes(), EventTypes()...)
	commands := []string{"show", "stats", "why", "do", "demo"}
	for _, c := range []struct {
		typed string
		words []string
		want  string
	}{
		{"lgoin.begin", types, "login.begin"},
		{"login.reprot", types, "login.report"},
		{"login.failed", types, "login.failed"},
		{"withdrawal.aprov", types, "withdrawal.approved"},
		{"lgoin", ClientCommands(), "login.begin"},
		{"report", ClientCommands(), "login.report"},
		{"", types, ""},
		{"something.else", types, ""},
		{"shwo", commands, "show"},
		{"stat", commands, "stats"},
		{"xyz", commands, ""},
		{"posix", []string{"ibkr-sls@1", "posix-host@1"}, "posix-host@1"},
		{"ibkr-sls", []string{"ibkr-sls@1", "posix-host@1"}, "ibkr-sls@1"},
	} {
		if got := Nearest(c.typed, c.words); got != c.want {
			t.Errorf("Nearest(%q): got %q, want %q", c.typed, got, c.want)
		}
	}
}

func TestDidYouMean(t *testing.T) {
	for typed, want := range map[string]string{"tsw1": "", "twss": `, did you mean "tws"?`, "x": ""} {
		if got := DidYouMean(typed, platforms); got != want {
			t.Errorf("DidYouMean(%q): got %q, want %q", typed, got, want)
		}
	}
}
