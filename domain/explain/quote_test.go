package explain_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"authledger/domain"
)

// wrongCitation returns the reason why a fact does not follow from the command and the events
// of the record that it names, "" if it follows.
func (c *memoryLog) wrongCitation(t *testing.T, f shownFact, before uint64) string {
	if f.Seq == 0 || f.Seq >= before {
		return "it is not before the explained record"
	}
	r := &c.records[f.Seq-1]
	if f.Of != "" && !slices.Contains(r.Entities, f.Of) && f.Kind != "joiners" {
		return "it does not name the entity of the fact"
	}
	if !r.Time.Equal(f.At.instant(t)) {
		return "it has another time than the fact"
	}
	var state struct {
		Clock, At, Since, Until, Time jsonTime
		ID, Device, Withdrawal        string
		State, Text, Version          string
		Name, Token, Case             string
	}
	if err := json.Unmarshal(f.State, &state); err != nil {
		t.Fatal(err)
	}
	id := state.ID + state.Withdrawal
	switch f.Kind {
	case "device", "holder", "code", "old_code": // an erasure ends all of them
		if r.Forgotten() != "" {
			return messageUnless(f.Of == "" || f.Of == domain.UserEntity(r.Forgotten()), "it erases another user")
		}
	}
	switch f.Kind {
	case "clock":
		return messageUnless(r.Time.Equal(state.Clock.instant(t)), "it has another clock")
	case "failure":
		return messageUnless(has(r, state.At.instant(t), "login.failed"), "it has no login.failed at that time")
	case "lock":
		return messageUnless(has(r, time.Time{}, "lockout.started", "lockout.extended"),
			"it starts and extends no lockout")
	case "attempt":
		begin, ok := r.Command.Data.(*domain.LoginBegin)
		return messageUnless(ok && begin.Attempt == id && r.Status == domain.Accepted,
			"it opens no attempt with that id")
	case "fingerprint":
		recorded, ok := r.Command.Data.(*domain.IdentityRecord)
		return messageUnless(ok && recorded.Fingerprint == state.Text, "it records no fingerprint with that text")
	case "verification":
		return messageUnless(has(r, state.At.instant(t), "identity.verified"),
			"it has no identity.verified at that time")
	case "sms", "code", "old_code":
		return c.wrongCodeCitation(r, f.Kind, id)
	case "turns":
		return messageUnless(has(r, time.Time{}, "device.shipped", "device.activated", "device.user_added",
			"sharing.granted"), "it ships and activates no device")
	case "device", "holder", "joiners":
		return messageUnless(mentions(r, id+map[bool]string{true: state.Device}[f.Kind != "device"]),
			"it is about another device")
	case "share", "sharing":
		return messageUnless(mentions(r, id) && hasPrefix(r, "sharing."), "it is about another sharing")
	case "zone":
		return messageUnless(has(r, time.Time{}, "withdrawal.approved", "withdrawal.denied"),
			"it sets no zone of daily sums")
	case "withdrawal":
		want := map[string]string{"approved": "withdrawal.approved", "denied": "withdrawal.denied",
			"settled": "withdrawal.settled", "cancelled": "withdrawal.cancelled"}
		return messageUnless(mentions(r, id) && has(r, state.Since.instant(t), want[state.State]),
			"it does not set that state of the withdrawal")
	case "label":
		return messageUnless(r.Adopted() != nil && r.Adopted().Version == state.Version,
			"it adopts no policy with that version")
	case "token", "token_claim", "webhook", "config_size":
		return messageUnless(mentions(r, state.Name+state.Token) && hasPrefix(r, "config.") &&
			r.Status == domain.Accepted, "it does not change that token or webhook")
	case "hold":
		held, ok := r.Command.Data.(*domain.PersonHold)
		return messageUnless(ok && held.Case == state.Case && has(r, state.Since.instant(t), "person.held"),
			"it holds no user in that case")
	case "forgotten":
		return messageUnless(has(r, state.At.instant(t), "person.forgotten"), "it erases no user at that time")
	case "open_withdrawals":
		return messageUnless(has(r, time.Time{}, "withdrawal.approved", "withdrawal.settled",
			"withdrawal.cancelled"), "it changes no number of open withdrawals")
	}
	return "the test does not know this kind of fact"
}

func (c *memoryLog) wrongCodeCitation(r *domain.Record, kind, id string) string {
	if kind == "sms" {
		issue, ok := r.Command.Data.(*domain.CodeIssue)
		return messageUnless(ok && issue.Kind == domain.SMS, "it issues no SMS")
	}
	return messageUnless(mentions(r, id) && (hasPrefix(r, "code.") || hasPrefix(r, "device.pin_changed")),
		"it is about another code")
}

func messageUnless(fine bool, wrong string) string {
	if fine {
		return ""
	}
	return wrong
}

// has reports whether a record has an event of one of the types, at an instant if at is not
// zero.
func has(r *domain.Record, at time.Time, types ...string) bool {
	return slices.ContainsFunc(r.Events, func(e domain.Event) bool {
		return slices.Contains(types, e.Data.EventType()) && (at.IsZero() || e.At.Equal(at))
	})
}

func hasPrefix(r *domain.Record, prefix string) bool {
	return slices.ContainsFunc(r.Events,
		func(e domain.Event) bool { return strings.HasPrefix(e.Data.EventType(), prefix) })
}

// mentions reports whether the command or the events of a record have an id.
func mentions(r *domain.Record, id string) bool {
	text, err := json.Marshal(struct {
		C any
		E any
	}{r.Command.Data, r.Events})
	return err == nil && strings.Contains(string(text), `"`+id+`"`)
}
