package domain

import "time"

// Status is how a command was answered. The zero Status is no answer.
type Status string

const (
	Accepted Status = "accepted" // recorded: it happened
	Refused  Status = "refused"  // recorded: it was refused
	Invalid  Status = "invalid"  // not recorded
)

// Reason is why a command was not accepted, a code of domain.md.
type Reason string

// Reasons of refusals. Stored forever.
const (
	LockedOut           Reason = "locked_out"            // LOCK-3
	NotLocked           Reason = "not_locked"            // LOCK-5
	IdentityNotVerified Reason = "identity_not_verified" // LOCK-5
	AttemptsInFlight    Reason = "attempts_in_flight"    // LOCK-6
	AttemptOpen         Reason = "attempt_open"
	AttemptExpired      Reason = "attempt_expired"       // LOCK-6
	InvalidCharacter    Reason = "invalid_character"     // LOGIN-1
)

// Reasons of invalid commands, in the order in which they are judged.
// [InvalidCharacter] stands between BadField and Amount.
const (
	Malformed    Reason = "malformed"
	UnknownType  Reason = "unknown_type"
	UnknownField Reason = "unknown_field"
	MissingField Reason = "missing_field"
	BadField     Reason = "bad_field"
	IDReused     Reason = "id_reused"
	ClockSkew    Reason = "clock_skew"
	TooLarge     Reason = "too_large"
	Moot         Reason = "moot" // of the timer's own command only: nothing was due any more
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
	Unsynced  bool // the node does not sync before it answers: for play only
	Policy    string
	Events    []Event
	Result    Data
}

// Verdict tells the record as the answer that it was.
func (r *Record) Verdict() Verdict {
	return Verdict{
		ID: r.Command.ID, Source: r.Command.Source, Type: r.Command.Data.CommandType(),
		Status: r.Status, Reason: r.Reason, Detail: r.Detail,
		Seq: r.Seq, Time: r.Time, Late: r.Late, Policy: r.Policy,
		Events: r.Events, Result: r.Result,
	}
}

// A Rejection says why a command is [Invalid]: it is answered, not recorded.
type Rejection struct {
	Reason Reason
	Field  string // the member it is about, "" if none
	Detail string // which field and why, for a person
}

func (r *Rejection) Error() string {
	if r.Field == "" {
		return string(r.Reason) + ": " + r.Detail
	}
	return string(r.Reason) + ": " + r.Field + ": " + r.Detail
}

// Verdict tells the rejection of c as the answer that it is.
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
