package domain

import (
	"cmp"
	"slices"
	"testing"
	"time"
)

// memberNames collects the stored names of all members of a type, including nested objects, and the
// names of the sealed members.
type memberNames struct{ all, sealed []string }

func (m *memberNames) Text(name string, _ *string, f Form) {
	m.all = append(m.all, name)
	if f.Personal {
		m.sealed = append(m.sealed, name)
	}
}
func (m *memberNames) Count(name string, _ *int64, f Form)       { m.Text(name, nil, f) }
func (m *memberNames) Flag(name string, _ *bool, f Form)         { m.Text(name, nil, f) }
func (m *memberNames) Instant(name string, _ *time.Time, f Form) { m.Text(name, nil, f) }
func (m *memberNames) Instants(name string, _ *[]time.Time)      { m.Text(name, nil, Free) }
func (m *memberNames) Texts(name string, _ *[]string)            { m.Text(name, nil, Free) }
func (m *memberNames) List(name string, _ Items)                 { m.Text(name, nil, Free) }
func (m *memberNames) Object(name string, at Data, f Form) {
	m.Text(cmp.Or(f.Stored, name), nil, f)
	at.Members(m)
}

// Personal members are sealed, because the log is permanent.
func TestPersonalMembers(t *testing.T) {
	for name := range commands {
		var members memberNames
		NewCommandData(name).Members(&members)
		for _, member := range members.all {
			mustSeal := slices.Contains([]string{"ip", "userAgent", "note", "secret"}, member) ||
				name == personIntroduceType && member == "name"
			if mustSeal != slices.Contains(members.sealed, member) {
				t.Errorf("%s, member %s: got sealed %t, want %t", name, member, !mustSeal, mustSeal)
			}
		}
	}
}

// No type has a member for the secret of a person (domain.md §4). The secret of a webhook is
// sealed, and no reader may reveal it.
func TestNoMemberIsASecret(t *testing.T) {
	for name := range commands {
		var members memberNames
		NewCommandData(name).Members(&members)
		if IsConfig(name) && slices.Contains(members.all, "secret") && !secretForm.Secret {
			t.Errorf("%s: got a secret that readers may reveal, want none", name)
		}
		for _, secret := range []string{"password", "pin", "passcode", "token", "birthDate"} {
			if slices.Contains(members.all, secret) {
				t.Errorf("%s: got a member %s, want none", name, secret)
			}
		}
	}
}

// A reason that LOGIN-3 does not list is rejected as bad_field.
func TestLoginReasons(t *testing.T) {
	for _, c := range []struct {
		reason         string
		finish, report bool
	}{
		{"bad_credentials", true, true},
		{"gateway_error", true, true},
		{"method_rejected", true, true},
		{"unknown_user", false, true},
		{"Bad_credentials", false, false},
		{"", false, false},
	} {
		if finish := finishReasonForm.Wrong(c.reason) == ""; finish != c.finish {
			t.Errorf("login.finish with reason %q: got valid %t, want %t", c.reason, finish, c.finish)
		}
		if report := reportReasonForm.Wrong(c.reason) == ""; report != c.report {
			t.Errorf("login.report with reason %q: got valid %t, want %t", c.reason, report, c.report)
		}
	}
	for _, c := range []struct {
		outcome Outcome
		reason  string
		want    Reason
	}{
		{Failed, "", MissingField},
		{Failed, "bad_code", ""},
		{Succeeded, "", ""},
		{Succeeded, "bad_code", BadField},
	} {
		for _, r := range []*Rejection{
			(&LoginReport{Outcome: c.outcome, Reason: c.reason}).Check(),
			(&LoginFinish{Outcome: c.outcome, Reason: c.reason}).Check(),
		} {
			if r == nil && c.want != "" || r != nil && r.Reason != c.want {
				t.Errorf("outcome %s with reason %q: got %v, want %q (A-12)", c.outcome, c.reason, r, c.want)
			}
		}
	}
}
