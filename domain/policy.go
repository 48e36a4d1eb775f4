package domain

import (
	"regexp"
	"sync"
	"time"
	_ "time/tzdata" // every machine must have the same time zones

	"authledger/domain/calendar"
)

// Policy holds the parameters of the rules under a version label (docs/rules.md, "Policy").
// Durations are in seconds or days of 24 h.
type Policy struct {
	Version                        string
	Failures                       int64 // number of failures that lock the user out (LOCK-1)
	WindowSeconds                  int64 // window in which these failures occur
	DurationSeconds                int64 // of a lockout; 0: until released
	RefusalsExtend                 bool  // a refused attempt extends the lockout (LOCK-3)
	AttemptTTLSeconds              int64 // of a reservation (LOCK-6)
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

// compiled holds the parsed texts of a policy.
type compiled struct {
	names    namePattern
	zone     *time.Location
	calendar *calendar.Calendar
	limits   []limit // of withdrawalClasses
}

// Limits holds the withdrawal limits by the class of device or code that authenticates the
// request.
type Limits struct {
	SecurityCodeCard, IBKRMobile, DigitalSecurityCard, DigitalSecurityCardPlus,
	Gold, Platinum, TempPasscode, OnlineCard Limit
}

// Limit is a limit in USD, as a decimal number. "" means unlimited.
type Limit struct{ PerDay, PerFiveDays string }

// Maximum values of the numbers of a policy. They ensure that no instant overflows.
const (
	failuresMost = 200 // one record of at most 64 KiB must hold the expiry of this number of reservations
	secondsMost  = 10 * 366 * 24 * 60 * 60
	daysMost     = 10 * 366
	skewMost     = 60 * 60
)

// reviewAlways is the value of SharingReview that requires a review of every sharing
// (SHARE-3).
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

// Members lists the limits under the names of their classes. Records keep the names that
// the first version wrote, so that stored bytes and content hashes stay the same.
func (l *Limits) Members(v Visitor) {
	v.Object(SecurityCodeCard, &l.SecurityCodeCard, storedAs("securityCodeCard"))
	v.Object(IBKRMobile, &l.IBKRMobile, storedAs("ibkrMobile"))
	v.Object(DigitalSecurityCard, &l.DigitalSecurityCard, storedAs("digitalSecurityCard"))
	v.Object(DigitalSecurityCardPlus, &l.DigitalSecurityCardPlus, storedAs("digitalSecurityCardPlus"))
	v.Object(Gold, &l.Gold, Need)
	v.Object(Platinum, &l.Platinum, Need)
	v.Object(TempPasscode, &l.TempPasscode, storedAs("tempPasscode"))
	v.Object(OnlineCard, &l.OnlineCard, storedAs("onlineCard"))
}

// storedAs returns the form of a required object that has another name in records.
func storedAs(name string) Form { return Form{Need: true, Stored: name} }

func (l *Limit) Members(v Visitor) {
	v.Text("perDay", &l.PerDay, limitForm)
	v.Text("perFiveDays", &l.PerFiveDays, limitForm)
}

// Check checks the minimum values, and the version label: the label of a preset is reserved for
// the numbers of that preset.
func (p *Policy) Check() *Rejection {
	switch {
	case p.Failures < 1:
		return &Rejection{BadField, "policy.failures", "want at least 1"}
	case p.WindowSeconds < 1:
		return &Rejection{BadField, "policy.windowSeconds", "want at least 1"}
	case p.AttemptTTLSeconds < 1:
		return &Rejection{BadField, "policy.attemptTtlSeconds", "want at least 1"}
	case p.IdentityVerificationTTLSeconds < 1: // otherwise no user could be released
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
			return &Rejection{BadField, "policy.version", "this label belongs to a preset with other numbers: use another label"}
		}
	}
	return nil
}

func (p *Policy) sameNumbers(other *Policy) bool {
	a, b := *p, *other
	a.compiled, b.compiled = nil, nil
	return a == b
}

// FailureWindow returns the maximum age of a failure that counts towards a lockout (LOCK-1).
func (p *Policy) FailureWindow() time.Duration { return time.Duration(p.WindowSeconds) * time.Second }

// AttemptTTL returns the duration for which a login attempt stays open (LOCK-6).
func (p *Policy) AttemptTTL() time.Duration { return time.Duration(p.AttemptTTLSeconds) * time.Second }

// IdentityTTL returns the duration for which a verification by phone is valid (LOCK-5).
func (p *Policy) IdentityTTL() time.Duration {
	return time.Duration(p.IdentityVerificationTTLSeconds) * time.Second
}
func (p *Policy) codeTTL() time.Duration { return time.Duration(p.CodeTTLSeconds) * time.Second }

// VoiceWithin returns the maximum age of the SMS that a voice code requires (CODE-5).
func (p *Policy) VoiceWithin() time.Duration {
	return time.Duration(p.VoiceWithinSeconds) * time.Second
}

// AutoActivation returns the duration after which a shipped device activates by itself (DEV-3).
func (p *Policy) AutoActivation() time.Duration { return days(p.AutoActivationDays) }

// Location returns the time zone of the policy's calendar days. p must be compiled.
func (p *Policy) Location() *time.Location { return p.compiled.zone }

// BusinessDays returns the calendar of the policy's business days. p must be compiled.
func (p *Policy) BusinessDays() *calendar.Calendar { return p.compiled.calendar }

// days returns the duration of n days of 24 hours.
func days(n int64) time.Duration { return time.Duration(n) * 24 * time.Hour }

func (p *Policy) maxClockSkew() time.Duration {
	return time.Duration(p.MaxClockSkewSeconds) * time.Second
}

// MaxClockSkew returns the maximum difference between the time of a live command and the
// server's clock.
func (p *Policy) MaxClockSkew() time.Duration { return p.maxClockSkew() }

// lockEnd returns the end of a lockout that a failure at t starts or extends. It returns the
// zero time for a lockout that only a release ends.
func (p *Policy) lockEnd(t time.Time) time.Time {
	if p.DurationSeconds == 0 {
		return time.Time{}
	}
	return t.Add(time.Duration(p.DurationSeconds) * time.Second)
}

// Compiled returns a copy of p with its texts parsed. The copy is safe for concurrent use. The
// texts of p MUST have valid forms.
func (p Policy) Compiled() *Policy {
	p.compile()
	return &p
}

func (p *Policy) compile() {
	names, err := parseNamePattern(p.UsernamePattern)
	if err != nil { // no name matches an invalid pattern
		names = namePattern{lengthMin: 1}
	}
	p.compiled = &compiled{names: names, zone: location(p.Zone), calendar: calendar.Named(p.Calendar)}
	for _, class := range withdrawalClasses {
		p.compiled.limits = append(p.compiled.limits, p.Limits.of(class).parsed(class))
	}
}

// limit returns the limit of a class of withdrawalClasses.
func (p *Policy) limit(class string) *limit {
	for i := range p.compiled.limits {
		if p.compiled.limits[i].class == class {
			return &p.compiled.limits[i]
		}
	}
	return &limit{daily: true, fiveDaily: true, class: class} // an unknown class may withdraw nothing
}

// location returns the time zone of a valid name, UTC for an invalid name.
func location(zone string) *time.Location {
	if found, err := time.LoadLocation(zone); err == nil {
		return found
	}
	return time.UTC
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

// matching returns the form of a required text that matches a regular expression. The first text
// compiles the expression, because most processes read few forms, and each start would compile all.
func matching(pattern, why string) Form {
	expression := sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
	return Form{Need: true, Pattern: pattern, Wrong: func(s string) string {
		if !expression().MatchString(s) {
			return why
		}
		return ""
	}}
}
