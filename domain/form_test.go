package domain

import (
	"strings"
	"testing"
	"time"
)

func TestForms(t *testing.T) {
	for _, c := range []struct {
		form   Form
		passes []string
		fails  []string
	}{
		{idForm,
			[]string{"a", "Att-7.3_a:1", strings.Repeat("x", 128)},
			[]string{"", " ", "a b", "a\n", "a/b", "é", strings.Repeat("x", 129)}},
		{addressForm,
			[]string{"", "192.0.2.7", "2001:db8::7", "::ffff:192.0.2.7"},
			[]string{"localhost", "192.0.2.7:80", "192.0.2.007", "192.0.2.7\n", "[::1]",
				"fe80::1%" + strings.Repeat("z", 64)}},
		{textForm,
			[]string{"966.1", "Zürich 7"},
			[]string{"", "a\x1b[31m", "a\u202eb", "a\u2028b", "a\tb", strings.Repeat("x", 129)}},
		{userAgentForm,
			[]string{"", strings.Repeat("x", 512)},
			[]string{strings.Repeat("x", 513)}},
		{platformForm,
			[]string{"client_portal", "tws", "webtrader", "ibkr_mobile_ios", "ibkr_mobile_android"},
			[]string{"", "TWS", "portal"}},
		{channelForm, []string{"phone"}, []string{"", "chat", "Phone"}},
		{outcomeForm, []string{"succeeded", "failed"}, []string{"", "ok"}},
		{versionForm, []string{"ibkr-sls@1", "a@999999999"},
			[]string{"ibkr-sls", "@1", "A@1", "a@0", "a@01", "a@1\n"}},
		{limitForm, []string{"0", "200000", "1000000.50"}, []string{"", "01", "1.", "1.234", "-1", "1e6", "1\n"}},
	} {
		for _, s := range c.passes {
			if why := c.form.Wrong(s); why != "" {
				t.Errorf("%q: got %q, want it valid", s, why)
			}
		}
		for _, s := range c.fails {
			if c.form.Wrong(s) == "" {
				t.Errorf("%q is valid in the form of %q, want it rejected", s, c.passes[0])
			}
		}
	}
}

func TestEnvelopes(t *testing.T) {
	for s, ok := range map[string]bool{
		"": false, "gateway/portal": true, "e-10 é": true, "a\x00": false, "a\u200e": false,
		strings.Repeat("x", IDBytesMax): true, strings.Repeat("x", IDBytesMax+1): false,
	} {
		if got := WrongEnvelope(s, IDBytesMax) == ""; got != ok {
			t.Errorf("WrongEnvelope(%q): got valid %v, want %v", s, got, ok)
		}
	}
}

// patterns compiles the pattern of each text member that it visits: a process compiles a pattern when it
// first reads a text, so that an invalid one would otherwise be found late.
type patterns struct {
	count int
}

func (p *patterns) Text(_ string, _ *string, f Form) {
	if f.Pattern != "" {
		_ = f.Wrong("") // panics for an invalid pattern
		p.count++
	}
}
func (p *patterns) Count(string, *int64, Form)       {}
func (p *patterns) Flag(string, *bool, Form)         {}
func (p *patterns) Instant(string, *time.Time, Form) {}
func (p *patterns) Instants(string, *[]time.Time)    {}
func (p *patterns) Texts(string, *[]string)          {}
func (p *patterns) List(_ string, of Items)          { of.Grow().Members(p) }
func (p *patterns) Object(_ string, at Data, _ Form) { at.Members(p) }

func TestForms_EachPatternIsValid(t *testing.T) {
	p := new(patterns)
	for _, kind := range CommandTypes() {
		NewCommandData(kind).Members(p)
	}
	if p.count < len(CommandTypes()) {
		t.Errorf("got %d members with a pattern, want at least one for each of %d commands", p.count,
			len(CommandTypes()))
	}
}
