package domain

// DefaultPolicy is the version label that a fresh ledger decides by.
const DefaultPolicy = "ibkr-sls@1"

// Presets are the policies that ship with the ledger, each written out in full,
// so that an auditor reads one from top to bottom (domain.md §7). What the
// standard behind a preset leaves open has the number of ibkr-sls.
func Presets() []*Policy {
	return []*Policy{IBKRSLS(), POSIXHost(), EmailLogin(), PCIDSS4(), DISASTIG(), PSD2SCA(), NIST80063B(), WindowsDefault()}
}

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

// EmailLogin is the same for gateways whose user names are e-mail addresses, in
// lower case. Of the characters that an address may hold it leaves out those that
// paths and patterns can't.
func EmailLogin() *Policy {
	return Policy{
		Version:                        "email-login@1",
		Failures:                       10,
		WindowSeconds:                  24 * 60 * 60,
		DurationSeconds:                24 * 60 * 60,
		RefusalsExtend:                 false,
		AttemptTTLSeconds:              5 * 60,
		UsernamePattern:                "^[a-z0-9_][a-z0-9_.@+#'-]{0,127}$",
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

// PCIDSS4 is PCI DSS 4, requirement 8.3.4: at most ten attempts, then a lock of
// at least 30 minutes. It names no window, so the day of ibkr-sls stands: under a
// shorter one, ten attempts could pass unlocked.
func PCIDSS4() *Policy {
	return Policy{
		Version:                        "pci-dss-4@1",
		Failures:                       10,
		WindowSeconds:                  24 * 60 * 60,
		DurationSeconds:                30 * 60,
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

// DISASTIG is the rule of the DISA STIGs: three failures within 15 minutes lock
// until an administrator releases.
func DISASTIG() *Policy {
	return Policy{
		Version:                        "disa-stig@1",
		Failures:                       3,
		WindowSeconds:                  15 * 60,
		DurationSeconds:                0, // until released
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

// PSD2SCA is Article 4(3)(b) of the technical standards under PSD2: at most five
// failures in a row "within a given period of time". It leaves to the bank how
// long that period is, and how long the block.
func PSD2SCA() *Policy {
	return Policy{
		Version:                        "psd2-sca@1",
		Failures:                       5,
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

// NIST80063B is NIST SP 800-63B: at most 100 failures in a row. It names neither a
// window nor an end.
func NIST80063B() *Policy {
	return Policy{
		Version:                        "nist-800-63b@1",
		Failures:                       100,
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

// WindowsDefault is the account lockout policy of a freshly installed Windows: ten
// failures within 10 minutes lock for 10 minutes.
func WindowsDefault() *Policy {
	return Policy{
		Version:                        "windows-default@1",
		Failures:                       10,
		WindowSeconds:                  10 * 60,
		DurationSeconds:                10 * 60,
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

func ibkrLimits() Limits {
	return Limits{
		SecurityCodeCard:    Limit{PerDay: "200000", PerFiveDays: "600000"},
		IBKRMobile:          Limit{PerDay: "1000000", PerFiveDays: "1000000"},
		DigitalSecurityCard: Limit{PerDay: "1000000", PerFiveDays: "1500000"},
		TempPasscode:        Limit{PerDay: "200000", PerFiveDays: "600000"},
		OnlineCard:          Limit{PerDay: "200000", PerFiveDays: "600000"},
	}
}
