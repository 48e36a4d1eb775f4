package client

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
	"unicode/utf8"

	"authledger/domain"
)

// Verdict is what the ledger decided. The zero Verdict is no yes.
type Verdict struct {
	ID        string          `json:"id"`
	Source    string          `json:"source"`
	Type      string          `json:"type"`
	Status    domain.Status   `json:"status"`
	Seq       uint64          `json:"seq"` // of its record; 0 if invalid
	Time      time.Time       `json:"time"`
	Late      bool            `json:"late"`
	Duplicate bool            `json:"duplicate"` // it was decided before, and this is that verdict
	Unsynced  bool            `json:"unsynced"`  // the node plays: the record can be lost
	Policy    string          `json:"policy"`
	Reason    domain.Reason   `json:"reason"`
	Detail    string          `json:"detail"`
	Events    []Event         `json:"events"`
	Result    json.RawMessage `json:"result"` // see the contract, by type

	JSON []byte `json:"-"` // all of it, as it came
}

// Event is what happened.
type Event struct {
	Type   string          `json:"type"`
	At     time.Time       `json:"at"`
	Entity string          `json:"entity"`
	Data   json.RawMessage `json:"data"`
}

// Accepted reports whether it happened.
func (v *Verdict) Accepted() bool { return v.Status == domain.Accepted }

// LoginResult says where a user stands after a login command.
type LoginResult struct {
	Locked        bool           `json:"locked"`
	Until         time.Time      `json:"until"`      // zero: not locked, or locked until released
	Remaining     int            `json:"remaining"`  // attempts
	RetryAfter    time.Time      `json:"retryAfter"` // zero unless attempts are in flight
	SecondFactors []SecondFactor `json:"secondFactors"`
}

// SecondFactor is one on the menu of a login that began: a device or a code.
type SecondFactor struct {
	Device string `json:"device"`
	Class  string `json:"class"`
	Code   string `json:"code"`
	Kind   string `json:"kind"`
}

// WithdrawalResult says what would help a withdrawal that a limit refused.
type WithdrawalResult struct {
	FreesAt    time.Time `json:"freesAt"`    // when it would pass; zero if never, or if it did
	TryDevices []string  `json:"tryDevices"` // whose limits would allow it now
}

// result reads the result of a verdict, which an invalid command has not.
func (v *Verdict) result(into any) error {
	if len(v.Result) == 0 {
		return nil
	}
	if err := json.Unmarshal(v.Result, into); err != nil {
		return fmt.Errorf("result of %s: %w", v.Type, ErrAnswer)
	}
	return nil
}

// verdictOf reads a verdict, which must be of the very command.
func verdictOf(text []byte, id, kind string) (v Verdict, err error) {
	if err := json.Unmarshal(text, &v); err != nil {
		return Verdict{}, ErrAnswer
	}
	known := v.Status == domain.Accepted || v.Status == domain.Refused || v.Status == domain.Invalid
	malformed := v.Status == domain.Invalid // where what names it may be unreadable, and left out
	if !known || !names(v.ID, id, malformed) || !names(v.Type, kind, malformed) {
		return Verdict{}, ErrAnswer
	}
	v.JSON = bytes.TrimSpace(text)
	return v, nil
}

// names reports whether a member of a verdict says what was asked; or where it may be
// left out, nothing, or what JSON makes of what is no text.
func names(said, asked string, leftOut bool) bool {
	return said == asked || leftOut && (said == "" || !utf8.ValidString(asked))
}
