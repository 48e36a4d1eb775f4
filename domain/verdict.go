package domain

import "time"

// Status is the kind of answer to a command. The zero Status means no answer.
type Status string

const (
	Accepted Status = "accepted" // recorded as done
	Refused  Status = "refused"  // recorded as refused
	Invalid  Status = "invalid"  // not recorded
)

// Reason is the code of the reason for which a command was not accepted (docs/rules.md).
type Reason string

// Reasons for refusals. The codes are stored permanently.
const (
	LockedOut           Reason = "locked_out"            // LOCK-3
	NotLocked           Reason = "not_locked"            // LOCK-5
	IdentityNotVerified Reason = "identity_not_verified" // LOCK-5
	AttemptsInFlight    Reason = "attempts_in_flight"    // LOCK-6
	AttemptOpen         Reason = "attempt_open"
	AttemptExpired      Reason = "attempt_expired"       // LOCK-6
	InvalidCharacter    Reason = "invalid_character"     // LOGIN-1

	LegacyDevice        Reason = "legacy_device"         // DEV-2
	BalanceBelowMinimum Reason = "balance_below_minimum" // DEV-2
	DeviceExists        Reason = "device_exists"
	NotRequested        Reason = "not_requested"         // DEV-3
	UnknownDevice       Reason = "unknown_device"
	ClassMismatch       Reason = "class_mismatch"
	DeviceGone          Reason = "device_gone"           // DEV-4
	AlreadyActive       Reason = "already_active"        // DEV-4
	DeviceNotActive     Reason = "device_not_active"     // DEV-7, CODE-5, WD-2
	NotReturnable       Reason = "not_returnable"        // DEV-6
	UseSharing          Reason = "use_sharing"           // DEV-7, A-24, A-28
	SharingActive       Reason = "sharing_active"
	NoPIN               Reason = "no_pin"                // DEV-8
	CodeNotRedeemed     Reason = "code_not_redeemed"
	TooMany             Reason = "too_many"              // a maximum is reached: of a user's devices, codes or sharings, of the users of an app, of tokens, of webhooks, or of holds

	AlreadyIssued      Reason = "already_issued"       // CODE-2, CODE-4
	NoTempPasscode     Reason = "no_temp_passcode"     // CODE-4
	SMSNotRequested    Reason = "sms_not_requested"    // CODE-5
	ClientTooOld       Reason = "client_too_old"       // CODE-5
	UnknownCode        Reason = "unknown_code"         // CODE-6
	CodeIsRevoked      Reason = "code_revoked"         // CODE-6
	CodeHasExpired     Reason = "code_expired"         // CODE-6
	CodeIsUsed         Reason = "code_used"            // CODE-6
	PlatformNotAllowed Reason = "platform_not_allowed" // CODE-6
	CodeIsRestricted   Reason = "restricted"           // CODE-6

	NotPhysical           Reason = "not_physical"            // SHARE-1; an unknown user is refused as [UnknownUser]
	AlreadyShared         Reason = "already_shared"          // SHARE-1
	TemporaryDeviceActive Reason = "temporary_device_active" // SHARE-1
	IdentityMismatch      Reason = "identity_mismatch"       // SHARE-1
	LowerProtectionLevel  Reason = "lower_protection_level"  // SHARE-1
	UnknownSharing        Reason = "unknown_sharing"
	NotPending            Reason = "not_pending"
	OfficerIsParty        Reason = "officer_is_party"        // SHARE-3
	NotAParty             Reason = "not_a_party"
	NotShared             Reason = "not_shared"

	DailyLimit        Reason = "daily_limit"        // WD-3
	FiveDayLimit      Reason = "five_day_limit"     // WD-4
	UnknownWithdrawal Reason = "unknown_withdrawal" // WD-6
	AlreadySettled    Reason = "already_settled"    // WD-6
	AlreadyCancelled  Reason = "already_cancelled"  // WD-6

	AlreadyExists    Reason = "already_exists"      // CFG-1, CFG-3
	ExpiryOutOfRange Reason = "expiry_out_of_range" // CFG-1
	UnknownToken     Reason = "unknown_token"       // CFG-2
	UnknownWebhook   Reason = "unknown_webhook"     // CFG-4, CFG-5

	OnHold         Reason = "on_hold"
	WithdrawalOpen Reason = "withdrawal_open"
	AlreadyHeld    Reason = "already_held"    // PERSON-2
	NotHeld        Reason = "not_held"        // PERSON-3
)

// Reasons for invalid commands, in the order of the checks. [InvalidCharacter] is
// between BadField and Amount.
const (
	Malformed    Reason = "malformed"
	UnknownType  Reason = "unknown_type"
	UnknownField Reason = "unknown_field"
	MissingField Reason = "missing_field"
	BadField     Reason = "bad_field"
	Amount       Reason = "amount"
	IDReused     Reason = "id_reused"
	ClockSkew    Reason = "clock_skew"
	TooLarge     Reason = "too_large"
	Moot         Reason = "moot" // of timer.fire only: no event is due
)

// Verdict is the answer to a command.
type Verdict struct {
	ID        string
	Source    string
	Type      string
	Status    Status
	Reason    Reason
	Detail    string
	Seq       uint64 // 0 if invalid
	Time      time.Time
	Late      bool
	Duplicate bool
	Unsynced  bool // the node answers before it syncs: unsafe, for testing only
	Policy    string
	Events    []Event
	Result    Data
}

// Verdict returns the answer to the command of r.
func (r *Record) Verdict() Verdict {
	return Verdict{
		ID: r.Command.ID, Source: r.Command.Source, Type: r.Command.Data.CommandType(),
		Status: r.Status, Reason: r.Reason, Detail: r.Detail,
		Seq: r.Seq, Time: r.Time, Late: r.Late, Policy: r.Policy,
		Events: r.Events, Result: r.Result,
	}
}

// Rejection is the reason for which a command is [Invalid]. It is returned to the sender and
// not recorded.
type Rejection struct {
	Reason Reason
	Field  string // the invalid member, "" if none
	Detail string // explanation for a person
}

func (r *Rejection) Error() string {
	if r.Field == "" {
		return string(r.Reason) + ": " + r.Detail
	}
	return string(r.Reason) + ": " + r.Field + ": " + r.Detail
}

// Verdict returns the rejection as the answer to c.
func (r *Rejection) Verdict(c *Command) Verdict {
	v := Verdict{ID: c.ID, Source: c.Source, Status: Invalid, Reason: r.Reason, Detail: r.Detail, Time: c.Time}
	if r.Field != "" {
		v.Detail = r.Field + ": " + r.Detail
	}
	if c.Data != nil {
		v.Type = c.Data.CommandType()
	}
	return v
}
