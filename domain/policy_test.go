package domain

import (
	"testing"
	"time"
)

func TestPolicyAdopted(t *testing.T) {
	lower := func(p *Policy) { p.Failures = 3 }
	higher := func(p *Policy) { p.Failures = 12 }
	hold(t, IBKRSLS(), []rule{
		{"policy applies from the next record on (A-43)",
			given{fail(0), fail(0)}, when{adopt(0, lower), fail(0)},
			then{
				accepted, &PolicyAdopted{},
				accepted, &LoginFailed{Failures: 3, Reason: "bad_credentials"}, &LockoutStarted{Until: after(day)},
				lockedUntil(day)}},
		{"policy applies to a later record with an earlier time",
			given{adopt(day, lower)}, when{fail(0)},
			then{accepted, &LoginFailed{Failures: 1, Reason: "bad_credentials"}, triesLeft(2)}},
		{"LOCK-1 lower limit caps the count, and the next counted failure locks",
			given{times(5, fail(0)), adopt(0, lower)}, when{failed("cancelled", 0), fail(0)},
			then{
				accepted, &LoginFailed{Failures: 3, Reason: "cancelled"}, triesLeft(0),
				accepted, &LoginFailed{Failures: 3, Reason: "bad_credentials"}, &LockoutStarted{Until: after(day)},
				lockedUntil(day)}},
		{"LOCK-4 success after a lower limit is accepted",
			given{times(5, fail(0)), adopt(0, lower)}, when{succeed(0)},
			then{accepted, &LoginSucceeded{}, triesLeft(3)}},
		{"LOCK-6 lower limit admits no attempt until enough failures have left the window",
			given{fail(0), fail(1), fail(2), fail(3), begin("a", 4), adopt(4, lower)}, when{begin("b", 5)},
			then{refused(AttemptsInFlight), &LoginRefused{Reason: AttemptsInFlight}, retryAfter(day + 2)}},
		{"LOCK-1 higher limit counts the same failures",
			given{times(9, fail(0)), adopt(0, higher)}, when{times(3, fail(0))},
			then{
				accepted, &LoginFailed{Failures: 10, Reason: "bad_credentials"}, triesLeft(2),
				accepted, &LoginFailed{Failures: 11, Reason: "bad_credentials"}, triesLeft(1),
				accepted, &LoginFailed{Failures: 12, Reason: "bad_credentials"}, &LockoutStarted{Until: after(day)},
				lockedUntil(day)}},
		{"LOCK-2 higher limit ends no lockout",
			given{times(10, fail(0)), adopt(0, higher)}, when{succeed(0), fail(0)},
			then{
				refused(LockedOut), &LoginRefused{Reason: LockedOut, Reported: Succeeded}, lockedUntil(day),
				accepted, &LoginFailed{Failures: 11, Reason: "bad_credentials"}, &LockoutExtended{Until: after(day)},
				lockedUntil(day)}},
		{"LOCK-1 shorter window drops the failures before it",
			given{times(9, fail(0)), adopt(0, func(p *Policy) { p.WindowSeconds = 60 })}, when{fail(minute + 1)},
			then{accepted, &LoginFailed{Failures: 1, Reason: "bad_credentials"}, triesLeft(9)}},
		{"LOCK-1 longer window counts the failures that are still stored",
			given{times(9, fail(0)), adopt(0, func(p *Policy) { p.WindowSeconds = 2 * 24 * 60 * 60 })},
			when{fail(2 * day)},
			then{accepted, &LoginFailed{Failures: 10, Reason: "bad_credentials"},
				&LockoutStarted{Until: after(3 * day)}, lockedUntil(3 * day)}},
		{"LOCK-2 shorter duration keeps the end of a lockout, also after a failure",
			given{times(10, fail(0)), adopt(0, func(p *Policy) { p.DurationSeconds = 60 })},
			when{fail(hour), fail(day - minute), fail(day - minute + 1)},
			then{
				accepted, &LoginFailed{Failures: 10, Reason: "bad_credentials"}, &LockoutExtended{Until: after(day)},
				lockedUntil(day),
				accepted, &LoginFailed{Failures: 10, Reason: "bad_credentials"}, &LockoutExtended{Until: after(day)},
				lockedUntil(day),
				accepted, &LoginFailed{Failures: 10, Reason: "bad_credentials"}, &LockoutExtended{Until: after(day + 1)},
				lockedUntil(day + 1)}},
		{"LOCK-2 lockout until released has no earlier end under a new duration",
			given{times(10, fail(0)), adopt(0, func(p *Policy) { p.DurationSeconds = 0 })}, when{
				begin("a", day-1), fail(day - 1), adopt(day, func(p *Policy) { p.DurationSeconds = 60 }), fail(9 * day)},
			then{
				refused(LockedOut), &LoginRefused{Reason: LockedOut}, lockedUntil(day),
				accepted, &LoginFailed{Failures: 10, Reason: "bad_credentials"}, &LockoutExtended{}, lockedUntilReleased,
				accepted, &PolicyAdopted{},
				accepted, &LoginFailed{Failures: 1, Reason: "bad_credentials"}, &LockoutExtended{}, lockedUntilReleased}},
		{"LOCK-6 open reservation keeps its end",
			given{begin("a", 0), adopt(0, func(p *Policy) { p.AttemptTTLSeconds = 60 })},
			when{finishOK("a", 5*minute-1)},
			then{accepted, &LoginSucceeded{}, triesLeft(10)}},
		{"LOCK-5 new policy determines the end of an earlier verification",
			given{times(10, fail(0)), verify(0), adopt(0, func(p *Policy) { p.IdentityVerificationTTLSeconds = 60 })},
			when{release(minute), verify(minute), release(2*minute - 1)},
			then{
				refused(IdentityNotVerified), &LockoutRefused{Reason: IdentityNotVerified},
				accepted, &IdentityVerified{},
				accepted, &LockoutReleased{}}},
		{"LOGIN-1 new pattern applies to the next name",
			given{fail(0), adopt(0, func(p *Policy) { p.UsernamePattern = "^[0-9]{1,9}$" })}, when{fail(0)},
			then{refused(InvalidCharacter),
				&LoginUnattributed{Reason: "invalid_character", Position: 1, Character: "a"}}},
		{"policy.adopt has a separate clock (A-09)",
			given{adopt(hour, lower)}, when{adopt(0, higher)},
			then{accepted.late(hour), &PolicyAdopted{}}},
	})
}

func TestPolicyAdopt_IsDecidedByOldPolicy(t *testing.T) {
	l := newLedger(IBKRSLS())
	adopted := l.do(*adopt(0, func(p *Policy) { p.Failures = 3 })(l))
	next := l.do(*fail(0)(l))
	rejected := l.do(*timer(0)(l))
	if adopted.Policy != DefaultPolicy || next.Policy != "test@1" || rejected.Policy != "test@1" {
		t.Errorf("policies of the verdicts: got %q, %q, %q; want the former policy for policy.adopt (A-49)",
			adopted.Policy,
			next.Policy, rejected.Policy)
	}
}

func TestPresets_HaveValidForms(t *testing.T) {
	labels := map[string]bool{}
	for _, p := range Presets() {
		var f formChecker
		p.Members(&f)
		if f.wrong = append(f.wrong, rejection(p.Check())...); len(f.wrong) > 0 || labels[p.Version] {
			t.Errorf("%s: got %v, want a valid policy with a free label", p.Version, f.wrong)
		}
		labels[p.Version] = true
	}
}

func TestPolicy_RejectsInvalidNumbers(t *testing.T) {
	for name, change := range map[string]func(*Policy){
		"no failure":                 func(p *Policy) { p.Failures = 0 },
		"no window":                  func(p *Policy) { p.WindowSeconds = 0 },
		"reservations that lapsed":   func(p *Policy) { p.AttemptTTLSeconds = 0 },
		"an unknown zone":            func(p *Policy) { p.Zone = "Mars/Olympus" },
		"the machine's zone":         func(p *Policy) { p.Zone = "Local" },
		"a pattern without bounds":   func(p *Policy) { p.UsernamePattern = "^[a-z]+$" },
		"a label without a version":  func(p *Policy) { p.Version = "mine" },
		"a limit that is no amount":  func(p *Policy) { p.Limits.Gold.PerDay = "1e6" },
		"a skew that hides disorder": func(p *Policy) { p.MaxClockSkewSeconds = skewMost + 1 },
		"years that overflow":        func(p *Policy) { p.WindowSeconds = secondsMost + 1 },
	} {
		p := with(IBKRSLS(), change)
		var f formChecker
		p.Members(&f)
		if f.wrong = append(f.wrong, rejection(p.Check())...); len(f.wrong) != 1 {
			t.Errorf("%s: got %v, want one fault", name, f.wrong)
		}
	}
}

func rejection(r *Rejection) []string {
	if r == nil {
		return nil
	}
	return []string{r.Error()}
}

// formChecker is a Visitor that checks every member with its form.
type formChecker struct{ wrong []string }

func (f *formChecker) Text(name string, at *string, form Form) {
	if *at == "" && !form.Need || form.Wrong == nil {
		return
	}
	if why := form.Wrong(*at); why != "" {
		f.wrong = append(f.wrong, name+": "+why)
	}
}
func (f *formChecker) Count(name string, at *int64, form Form) {
	if *at < 0 || *at > form.CountMost() {
		f.wrong = append(f.wrong, name+": out of bounds")
	}
}
func (f *formChecker) Flag(string, *bool, Form)         {}
func (f *formChecker) Instant(string, *time.Time, Form) {}
func (f *formChecker) Instants(string, *[]time.Time)    {}
func (f *formChecker) Texts(string, *[]string)          {}
func (f *formChecker) Object(_ string, at Data, _ Form) { at.Members(f) }
func (f *formChecker) List(_ string, of Items) {
	for i := range of.Len() {
		of.At(i).Members(f)
	}
}
