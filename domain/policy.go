package domain

import (
	"regexp"
	"time"
	_ "time/tzdata" // a zone must mean the same on every machine

	"authledger/domain/calendar"
)

// Policy is the numbers and switches of the rules, under a version label
// (domain.md §7). Durations are in seconds or days of 24 h.
type Policy struct {
	Version                        string
	Failures                       int64 // that lock (LOCK-1)
	WindowSeconds                  int64 // in which they must lie
	DurationSeconds                int64 // of a lock; 0: until released
	RefusalsExtend                 bool  // LOCK-3
	AttemptTTLSeconds              int64 // LOCK-6
	UsernamePattern                string
	IdentityVerificationTTLSeconds int64 // LOCK-5
	FullDays                       int64 // CODE-3
	RestrictedDays                 int64
	CardDays                       int64 // CODE-4
	CodeTTLSeconds                 int64 // CODE-5
	VoiceWithinSeconds             int64
	AutoActivationDays             int64  // DEV-3
	SharingReview                  string // SHARE-3: on_request or always
	Limits                         Limits // WD, USD
	Zone                           string // IANA
	Calendar                       string
	MaxClockSkewSeconds            int64

	compiled *compiled
}

// compiled is what the rules need of a policy's texts.
type compiled struct {
	names    namePattern
	zone     *time.Location
	calendar *calendar.Calendar
	limits   []limit // of withdrawalClasses
}

// Limits are the withdrawal limits by what authenticates the request.
type Limits struct {
	SecurityCodeCard, IBKRMobile, DigitalSecurityCard, DigitalSecurityCardPlus,
	Gold, Platinum, TempPasscode, OnlineCard Limit
}

// Limit is in USD, as a decimal number. "" is unlimited.
type Limit struct{ PerDay, PerFiveDays string }

// Bounds of a policy's numbers: whole years, so that no instant overflows.
const (
	failuresMost = 200 // as many reservations may lapse in one record, which has 64 KiB
	secondsMost  = 10 * 366 * 24 * 60 * 60
	daysMost     = 10 * 366
	skewMost     = 60 * 60
)

// reviewAlways sends every sharing to an officer (SHARE-3).
const reviewAlways = "always"

var (
	versionForm  = matching(`^[a-z0-9][a-z0-9._-]{0,62}@[1-9][0-9]{0,8}$`, "want a label such as ibkr-sls@1")
	patternForm  = Form{Need: true, Wrong: wrongPattern}
	zoneForm     = Form{Need: true, Wrong: wrongZone}
	limitForm    = matching(`^(0|[1-9][0-9]{0,12})(\.[0-9]{1,2})?$`, "want an amount of USD").optional()
	reviewForm   = oneOf("on_request", reviewAlways)
	calendarForm = oneOf(calendar.Names()...)
	secondsForm  = Form{Need: true, Most: secondsMost}
	daysForm     = Form{Need: true, Most: daysMost}
)

func (p *Policy) Members(v Visitor) {
	v.Text("version", &p.Version, versionForm)
	v.Count("failures", &p.Failures, Form{Need: true, Most: failuresMost})
	v.Count("windowSeconds", &p.WindowSeconds, secondsForm)
	v.Count("durationSeconds", &p.DurationSeconds, secondsForm)
	v.Flag("refusalsExtend", &p.RefusalsExtend, Need)
	v.Count("attemptTtlSeconds", &p.AttemptTTLSeconds, secondsForm)
	v.Text("usernamePattern", &p.UsernamePattern, patternForm)
	v.Count("identityVerificationTtlSeconds", &p.IdentityVerificationTTLSeconds, secondsForm)
	v.Count("fullDays", &p.FullDays, daysForm)
	v.Count("restrictedDays", &p.RestrictedDays, daysForm)
	v.Count("cardDays", &p.CardDays, daysForm)
	v.Count("codeTtlSeconds", &p.CodeTTLSeconds, secondsForm)
	v.Count("voiceWithinSeconds", &p.VoiceWithinSeconds, secondsForm)
	v.Count("autoActivationDays", &p.AutoActivationDays, daysForm)
	v.Text("sharingReview", &p.SharingReview, reviewForm)
	v.Object("limits", &p.Limits, Need)
	v.Text("zone", &p.Zone, zoneForm)
	v.Text("calendar", &p.Calendar, calendarForm)
	v.Count("maxClockSkewSeconds", &p.MaxClockSkewSeconds, Form{Need: true, Most: skewMost})
}

func (l *Limits) Members(v Visitor) {
	v.Object("securityCodeCard", &l.SecurityCodeCard, Need)
	v.Object("ibkrMobile", &l.IBKRMobile, Need)
	v.Object("digitalSecurityCard", &l.DigitalSecurityCard, Need)
	v.Object("digitalSecurityCardPlus", &l.DigitalSecurityCardPlus, Need)
	v.Object("gold", &l.Gold, Need)
	v.Object("platinum", &l.Platinum, Need)
	v.Object("tempPasscode", &l.TempPasscode, Need)
	v.Object("onlineCard", &l.OnlineCard, Need)
}

func (l *Limit) Members(v Visitor) {
	v.Text("perDay", &l.PerDay, limitForm)
	v.Text("perFiveDays", &l.PerFiveDays, limitForm)
}

// Check judges what no single member shows.
func (p *Policy) Check() *Rejection {
	switch {
	case p.Failures < 1:
		return &Rejection{BadField, "policy.failures", "want at least 1"}
	case p.WindowSeconds < 1:
		return &Rejection{BadField, "policy.windowSeconds", "want at least 1"}
	case p.AttemptTTLSeconds < 1:
		return &Rejection{BadField, "policy.attemptTtlSeconds", "want at least 1"}
	case p.IdentityVerificationTTLSeconds < 1: // nobody could be released any more
		return &Rejection{BadField, "policy.identityVerificationTtlSeconds", "want at least 1"}
	case p.FullDays < 1:
		return &Rejection{BadField, "policy.fullDays", "want at least 1"}
	case p.CardDays < 1:
		return &Rejection{BadField, "policy.cardDays", "want at least 1"}
	case p.CodeTTLSeconds < 1:
		return &Rejection{BadField, "policy.codeTtlSeconds", "want at least 1"}
	case p.AutoActivationDays < 1:
		return &Rejection{BadField, "policy.autoActivationDays", "want at least 1"}
	}
	for _, preset := range Presets() {
		if p.Version == preset.Version && !p.sameNumbers(preset) {
			return &Rejection{BadField, "policy.version", "this label belongs to a policy that ships with the ledger, whose numbers are others: use another"}
		}
	}
	return nil
}

func (p *Policy) sameNumbers(other *Policy) bool {
	a, b := *p, *other
	a.compiled, b.compiled = nil, nil
	return a == b
}

func (p *Policy) window() time.Duration     { return time.Duration(p.WindowSeconds) * time.Second }
func (p *Policy) attemptTTL() time.Duration { return time.Duration(p.AttemptTTLSeconds) * time.Second }
func (p *Policy) identityTTL() time.Duration {
	return time.Duration(p.IdentityVerificationTTLSeconds) * time.Second
}
func (p *Policy) codeTTL() time.Duration { return time.Duration(p.CodeTTLSeconds) * time.Second }
func (p *Policy) voiceWithin() time.Duration {
	return time.Duration(p.VoiceWithinSeconds) * time.Second
}
func (p *Policy) autoActivation() time.Duration { return days(p.AutoActivationDays) }

// days are of 24 hours.
func days(n int64) time.Duration { return time.Duration(n) * 24 * time.Hour }

func (p *Policy) maxClockSkew() time.Duration {
	return time.Duration(p.MaxClockSkewSeconds) * time.Second
}

// MaxClockSkew is how far a live command's time may be off the server's clock.
func (p *Policy) MaxClockSkew() time.Duration { return p.maxClockSkew() }

// lockEnd is when a lock by a failure at t ends, zero for until released.
func (p *Policy) lockEnd(t time.Time) time.Time {
	if p.DurationSeconds == 0 {
		return time.Time{}
	}
	return t.Add(time.Duration(p.DurationSeconds) * time.Second)
}

// Compiled returns a copy of p that is ready to judge names from many
// goroutines. Its pattern must have passed the form.
func (p Policy) Compiled() *Policy {
	p.compile()
	return &p
}

func (p *Policy) compile() {
	names, err := parseNamePattern(p.UsernamePattern)
	if err != nil { // no name passes a pattern that says nothing
		names = namePattern{lengthMin: 1}
	}
	p.compiled = &compiled{names: names, zone: location(p.Zone), calendar: calendar.Named(p.Calendar)}
	for _, class := range withdrawalClasses {
		p.compiled.limits = append(p.compiled.limits, p.Limits.of(class).parsed(class))
	}
}

// limit is the limit of what authenticates a withdrawal.
func (p *Policy) limit(class string) *limit {
	for i := range p.compiled.limits {
		if p.compiled.limits[i].class == class {
			return &p.compiled.limits[i]
		}
	}
	return &limit{daily: true, fiveDaily: true, class: class} // nothing passes
}

// location is the zone of a name that has passed its form.
func location(zone string) *time.Location {
	if found, err := time.LoadLocation(zone); err == nil {
		return found
	}
	return time.UTC
}

// PolicyAdopt records a whole policy, in force from the next record on.
type PolicyAdopt struct {
	Policy Policy
	By     string
}

func (c *PolicyAdopt) CommandType() string { return "policy.adopt" }
func (c *PolicyAdopt) Members(v Visitor) {
	v.Object("policy", &c.Policy, Need)
	v.Text("by", &c.By, idForm)
}

// Check judges what no single member shows.
func (c *PolicyAdopt) Check() *Rejection { return c.Policy.Check() }

func (c *PolicyAdopt) decide(d *deciding) error {
	if taken, ok := d.item(policyKey(c.Policy.Version)).(*Policy); ok && !taken.sameNumbers(&c.Policy) {
		d.reject(IDReused, "policy.version: this label was adopted with other numbers: use another")
		return nil
	}
	if err := d.onSystem(SystemPolicy); err != nil {
		return err
	}
	d.accept(&PolicyAdopted{})
	return nil
}

// policyKey is the item of the policy adopted under a label.
func policyKey(version string) ItemKey { return ItemKey{Kind: PolicyItem, ID: version} }

func (p *Policy) item() {}

// PolicyAdopted: the command's policy is in force.
type PolicyAdopted struct{}

func (e *PolicyAdopted) EventType() string { return "policy.adopted" }
func (e *PolicyAdopted) Members(Visitor)   {}
func (e *PolicyAdopted) causedBy(c CommandData) bool {
	_, ok := c.(*PolicyAdopt)
	return ok
}
func (e *PolicyAdopted) evolve(f *fold) {
	adopted := &f.command.Data.(*PolicyAdopt).Policy
	if k := policyKey(adopted.Version); f.item(k) == nil {
		f.add(k, adopted)
	}
}

// Adopted returns the policy that r brings into force, nil if it brings none.
func (r *Record) Adopted() *Policy {
	adopt, ok := r.Command.Data.(*PolicyAdopt)
	if !ok || r.Status != Accepted {
		return nil
	}
	return adopt.Policy.Compiled()
}

func wrongPattern(s string) string {
	if _, err := parseNamePattern(s); err != nil {
		return err.Error()
	}
	return ""
}

func wrongZone(s string) string {
	if _, err := time.LoadLocation(s); err != nil || s == "" || s == "Local" {
		return "want an IANA time zone"
	}
	return ""
}

// matching is the form of what a pattern, and nothing but that, says.
func matching(pattern, why string) Form {
	expression := regexp.MustCompile(pattern)
	return Form{Need: true, Pattern: pattern, Wrong: func(s string) string {
		if !expression.MatchString(s) {
			return why
		}
		return ""
	}}
}
