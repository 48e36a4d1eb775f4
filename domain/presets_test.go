package domain

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestPresets compares the presets with the numbers of domain.md §7, in its order.
func TestPresets(t *testing.T) {
	const (
		tenMinutes = 600
		quarter    = 900
		halfHour   = 1_800
		oneDay     = 86_400
		released   = 0
	)
	type preset struct {
		Label                      string
		Failures, Window, Duration int64
		Pattern                    string
	}
	const plain = "^[a-z0-9]{1,64}$"
	want := []preset{
		{"ibkr-sls@1", 10, oneDay, oneDay, plain},
		{"posix-host@1", 10, oneDay, oneDay, "^[a-z_][a-z0-9_.-]{0,63}$"},
		{"email-login@1", 10, oneDay, oneDay, "^[a-z0-9_][a-z0-9_.@+#'-]{0,127}$"},
		{"pci-dss-4@1", 10, oneDay, halfHour, plain},
		{"disa-stig@1", 3, quarter, released, plain},
		{"psd2-sca@1", 5, oneDay, oneDay, plain},
		{"nist-800-63b@1", 100, oneDay, oneDay, plain},
		{"windows-default@1", 10, tenMinutes, tenMinutes, plain},
	}
	var got []preset
	for _, p := range Presets() {
		got = append(got, preset{p.Version, p.Failures, p.WindowSeconds, p.DurationSeconds, p.UsernamePattern})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// A number that a standard leaves open has the value of ibkr-sls@1.
func TestPresets_KeepOtherNumbers(t *testing.T) {
	for _, p := range Presets() {
		same := *IBKRSLS()
		same.Version, same.Failures, same.WindowSeconds, same.DurationSeconds = p.Version, p.Failures,
			p.WindowSeconds, p.DurationSeconds
		same.UsernamePattern = p.UsernamePattern
		if !p.sameNumbers(&same) {
			t.Errorf("%s: got other numbers than ibkr-sls, want the same", p.Version)
		}
	}
}

// TestPresetsLock is LOCK-1 and LOCK-2: the result of each failure until the lockout, for each preset.
func TestPresetsLock(t *testing.T) {
	for _, p := range Presets() {
		l := newLedger(p)
		for range p.Failures - 1 {
			if d := l.do(*fail(0)(l)); d.Result.(*LoginResult).Locked {
				t.Fatalf("%s: got a lockout before %d failures, want none", p.Version, p.Failures)
			}
		}
		d := l.do(*fail(0)(l))
		until := epoch.Add(day)
		switch p.Version {
		case "pci-dss-4@1":
			until = epoch.Add(30 * minute)
		case "windows-default@1":
			until = epoch.Add(10 * minute)
		}
		result := d.Result.(*LoginResult)
		if p.Version == "disa-stig@1" {
			if !result.Locked || !result.Until.IsZero() {
				t.Errorf("disa-stig@1: locked %v until %v, want until released", result.Locked, result.Until)
			}
			continue
		}
		if !result.Locked || !result.Until.Equal(until) {
			t.Errorf("%s: locked %v until %v, want %v", p.Version, result.Locked, result.Until, until)
		}
	}
}

// A preset can be adopted as it is. Other numbers under its label are rejected.
func TestPresetsCanBeAdopted(t *testing.T) {
	l := newLedger(IBKRSLS())
	for _, p := range Presets() {
		c := send(0, &PolicyAdopt{Policy: *p, By: "ann"})(l)
		if r := c.Data.(*PolicyAdopt).Check(); r != nil {
			t.Errorf("%s: got rejection %v, want none", p.Version, r)
		}
		if d := l.do(*c); d.Status != Accepted || l.policy.Version != p.Version {
			t.Errorf("adoption of %s: got %s with %s in force, want accepted", p.Version, d.Status, l.policy.Version)
		}
		forged := *p
		forged.Failures++
		if r := forged.Check(); r == nil || r.Field != "policy.version" {
			t.Errorf("%s with another number: got %v, want a fault of policy.version", p.Version, r)
		}
	}
}

// TestEmailLoginNames is LOGIN-1: the valid and invalid user names of the preset email-login.
func TestEmailLoginNames(t *testing.T) {
	for name, position := range map[string]int64{
		"ann@example.com":                                  0,
		"o'brien+desk@mail.example.com":                    0,
		"bob_partner.example#ext#@tenant.onmicrosoft.test": 0,
		"admin":                 0,
		"Ann@example.com":       1,
		"ann smith@example.com": 4,
		"ann@example.com/x":     16,
		"b\u00f6b@example.com":  2,
		"@example.com":          1,
		"":                      1,
	} {
		bad := EmailLogin().BadName(name)
		if (bad == nil) != (position == 0) || (bad != nil && bad.Position != position) {
			t.Errorf("%q: %+v, want position %d", name, bad, position)
		}
	}
}
