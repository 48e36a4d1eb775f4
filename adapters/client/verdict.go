package client

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
	"unicode/utf8"

	"authledger/domain"
)

// Verdict is the decision of the ledger on a command. The zero Verdict is not accepted.
type Verdict struct {
	ID        string          `json:"id"`
	Source    string          `json:"source"`
	Type      string          `json:"type"`
	Status    domain.Status   `json:"status"`
	Seq       uint64          `json:"seq"` // number of the record; 0 if the command is invalid
	Time      time.Time       `json:"time"`
	Late      bool            `json:"late"`
	Duplicate bool            `json:"duplicate"` // the command was decided before; this is the first verdict
	Unsynced  bool            `json:"unsynced"`  // the node runs without fsync: a power failure can lose the record
	Policy    string          `json:"policy"`
	Reason    domain.Reason   `json:"reason"`
	Detail    string          `json:"detail"`
	Events    []Event         `json:"events"`
	Result    json.RawMessage `json:"result"` // depends on the type of the command

	JSON []byte `json:"-"` // the whole verdict as the node sent it
}

// Event is an event of a verdict.
type Event struct {
	Type   string          `json:"type"`
	At     time.Time       `json:"at"`
	Entity string          `json:"entity"`
	Data   json.RawMessage `json:"data"`
}

// Accepted reports whether the ledger accepted the command.
func (v *Verdict) Accepted() bool { return v.Status == domain.Accepted }

// LoginResult is the state of a user after a login command.
type LoginResult struct {
	Locked        bool           `json:"locked"`
	Until         time.Time      `json:"until"`      // end of the lockout; zero if the user is not locked, or locked until a release
	Remaining     int            `json:"remaining"`  // remaining attempts
	RetryAfter    time.Time      `json:"retryAfter"` // instant of the next possible attempt, while other attempts use up the limit; otherwise zero
	SecondFactors []SecondFactor `json:"secondFactors"`
}

// SecondFactor is a second factor that a begun login accepts: a device or a code.
type SecondFactor struct {
	Device string `json:"device"`
	Class  string `json:"class"`
	Code   string `json:"code"`
	Kind   string `json:"kind"`
}

// WithdrawalResult is the advice for a withdrawal that a limit refused.
type WithdrawalResult struct {
	FreesAt    time.Time `json:"freesAt"`    // instant from which the withdrawal is within the limit; zero if never, or if accepted
	TryDevices []string  `json:"tryDevices"` // devices whose limits permit the withdrawal now
}

// result decodes the result of a verdict. The verdict of an invalid command has none.
func (v *Verdict) result(into any) error {
	if len(v.Result) == 0 {
		return nil
	}
	if err := json.Unmarshal(v.Result, into); err != nil {
		return fmt.Errorf("result of %s: %w", v.Type, ErrAnswer)
	}
	return nil
}

// verdictOf decodes a verdict. It returns [ErrAnswer] if the verdict belongs to another
// command.
func verdictOf(text []byte, id, kind string) (v Verdict, err error) {
	if err := json.Unmarshal(text, &v); err != nil {
		return Verdict{}, ErrAnswer
	}
	known := v.Status == domain.Accepted || v.Status == domain.Refused || v.Status == domain.Invalid
	malformed := v.Status == domain.Invalid // the node omits an id or type that it could not read
	if !known || !matches(v.ID, id, malformed) || !matches(v.Type, kind, malformed) {
		return Verdict{}, ErrAnswer
	}
	v.JSON = bytes.TrimSpace(text)
	return v, nil
}

// matches reports whether got, the id or the type in a verdict, equals that of the command.
// If mayBeOmitted is true, it also accepts an empty got. It then accepts any got if want is
// not valid UTF-8, because JSON can't contain want.
func matches(got, want string, mayBeOmitted bool) bool {
	return got == want || mayBeOmitted && (got == "" || !utf8.ValidString(want))
}
