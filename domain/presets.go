package domain

// DefaultPolicy is the version label that a fresh ledger decides by.
const DefaultPolicy = "ibkr-sls@1"

// Presets are the policies that ship with the ledger, each written out in full
// (domain.md §7).
func Presets() []*Policy { return []*Policy{IBKRSLS(), POSIXHost()} }

// IBKRSLS is the brokerage's secure login system, the built-in policy.
func IBKRSLS() *Policy {
	return Policy{
		Version:                        DefaultPolicy,
		Failures:                       10,
		WindowSeconds:                  24 * 60 * 60,
		DurationSeconds:                24 * 60 * 60,
		RefusalsExtend:                 false,
		AttemptTTLSeconds:              5 * 60,
		UsernamePattern:                "^[a-z0-9]{1,64}$",
		IdentityVerificationTTLSeconds: 30 * 60,
		FullDays:                       2,
		RestrictedDays:                 8,
		CardDays:                       21,
		CodeTTLSeconds:                 5 * 60,
		VoiceWithinSeconds:             10 * 60,
		AutoActivationDays:             14,
		SharingReview:                  "on_request",
		Limits:                         ibkrLimits(),
		Zone:                           "America/New_York",
		Calendar:                       "us-fedwire",
		MaxClockSkewSeconds:            5 * 60,
	}.Compiled()
}

// POSIXHost is the same for the accounts of a Unix host, whose names may hold
// more characters.
func POSIXHost() *Policy {
	return Policy{
		Version:                        "posix-host@1",
		Failures:                       10,
		WindowSeconds:                  24 * 60 * 60,
		DurationSeconds:                24 * 60 * 60,
		RefusalsExtend:                 false,
		AttemptTTLSeconds:              5 * 60,
		UsernamePattern:                "^[a-z_][a-z0-9_.-]{0,63}$",
		IdentityVerificationTTLSeconds: 30 * 60,
		FullDays:                       2,
		RestrictedDays:                 8,
		CardDays:                       21,
		CodeTTLSeconds:                 5 * 60,
		VoiceWithinSeconds:             10 * 60,
		AutoActivationDays:             14,
		SharingReview:                  "on_request",
		Limits:                         ibkrLimits(),
		Zone:                           "America/New_York",
		Calendar:                       "us-fedwire",
		MaxClockSkewSeconds:            5 * 60,
	}.Compiled()
}

func ibkrLimits() Limits {
	return Limits{
		SecurityCodeCard:    Limit{PerDay: "200000", PerFiveDays: "600000"},
		IBKRMobile:          Limit{PerDay: "1000000", PerFiveDays: "1000000"},
		DigitalSecurityCard: Limit{PerDay: "1000000", PerFiveDays: "1500000"},
		TempPasscode:        Limit{PerDay: "200000", PerFiveDays: "600000"},
		OnlineCard:          Limit{PerDay: "200000", PerFiveDays: "600000"},
	}
}
