package domain

// DefaultPolicy is the version label of the policy that decides in a new ledger.
const DefaultPolicy = "ibkr-sls@1"

// Presets returns the policies that ship with the ledger (docs/rules.md, "Policy"), the default
// first. Each preset is IBKRSLS with a label and the changes that its standard requires.
// A number that the standard leaves open has the value of IBKRSLS.
func Presets() []*Policy {
	return []*Policy{IBKRSLS(), POSIXHost(), EmailLogin(), PCIDSS4(), DISASTIG(), PSD2SCA(), NIST80063B(), WindowsDefault()}
}

// IBKRSLS returns the policy of the brokerage's secure login system. It is the default
// policy and the base of the other presets.
func IBKRSLS() *Policy {
	return preset(DefaultPolicy, func(*Policy) {})
}

// POSIXHost returns the preset for the accounts of a Unix host, whose names may hold more
// characters.
func POSIXHost() *Policy {
	return preset("posix-host@1", func(p *Policy) {
		p.UsernamePattern = "^[a-z_][a-z0-9_.-]{0,63}$"
	})
}

// EmailLogin returns the preset for gateways whose user names are e-mail addresses in
// lower case. Its pattern excludes the characters of e-mail addresses that URL paths and
// username patterns do not support.
func EmailLogin() *Policy {
	return preset("email-login@1", func(p *Policy) {
		p.UsernamePattern = "^[a-z0-9_][a-z0-9_.@+#'-]{0,127}$"
	})
}

// PCIDSS4 returns the preset for PCI DSS 4, requirement 8.3.4: at most 10 attempts, then
// a lockout of at least 30 minutes. The standard names no window, so the window of
// IBKRSLS stays: a shorter window would let 10 slower attempts pass without a lockout.
func PCIDSS4() *Policy {
	return preset("pci-dss-4@1", func(p *Policy) {
		p.DurationSeconds = 30 * 60
	})
}

// DISASTIG returns the preset for the DISA STIGs: 3 failures within 15 minutes lock the
// user until an administrator releases the lockout.
func DISASTIG() *Policy {
	return preset("disa-stig@1", func(p *Policy) {
		p.Failures = 3
		p.WindowSeconds = 15 * 60
		p.DurationSeconds = 0 // until released
	})
}

// PSD2SCA returns the preset for Article 4(3)(b) of the technical standards under PSD2: at
// most 5 consecutive failures "within a given period of time". The standard leaves the
// length of that period and the duration of the lockout to the bank.
func PSD2SCA() *Policy {
	return preset("psd2-sca@1", func(p *Policy) {
		p.Failures = 5
	})
}

// NIST80063B returns the preset for NIST SP 800-63B: at most 100 consecutive failures. The
// standard names neither a window nor a duration.
func NIST80063B() *Policy {
	return preset("nist-800-63b@1", func(p *Policy) {
		p.Failures = 100
	})
}

// WindowsDefault returns the preset with the account lockout policy of a new Windows
// installation: 10 failures within 10 minutes lock the user for 10 minutes.
func WindowsDefault() *Policy {
	return preset("windows-default@1", func(p *Policy) {
		p.WindowSeconds = 10 * 60
		p.DurationSeconds = 10 * 60
	})
}

// preset returns a compiled copy of the base policy with a version label and the changes
// that change makes.
func preset(version string, change func(*Policy)) *Policy {
	p := Policy{
		Version:                        version,
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
		Limits: Limits{
			SecurityCodeCard:    Limit{PerDay: "200000", PerFiveDays: "600000"},
			IBKRMobile:          Limit{PerDay: "1000000", PerFiveDays: "1000000"},
			DigitalSecurityCard: Limit{PerDay: "1000000", PerFiveDays: "1500000"},
			TempPasscode:        Limit{PerDay: "200000", PerFiveDays: "600000"},
			OnlineCard:          Limit{PerDay: "200000", PerFiveDays: "600000"},
		},
		Zone:                "America/New_York",
		Calendar:            "us-fedwire",
		MaxClockSkewSeconds: 5 * 60,
	}
	change(&p)
	return p.Compiled()
}
