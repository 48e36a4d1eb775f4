package domain_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"authledger/domain"
)

// misquoted says why a fact is not in the record that it is cited from, by that
// record's events alone; "" if it is.
func (c *chronicle) misquoted(t *testing.T, f shownFact, before uint64) string {
	if f.Seq == 0 || f.Seq >= before {
		return "it is not before the record that it explains"
	}
	r := &c.records[f.Seq-1]
	if f.Of != "" && !slices.Contains(r.Entities, f.Of) && f.Kind != "joiners" {
		return "the record does not name whose it is"
	}
	if !r.Time.Equal(f.At.instant(t)) {
		return "the record is of another time"
	}
	var state struct {
		Clock, At, Since, Until, Time jsonTime
		ID, Device, Withdrawal        string
		State, Text, Version          string
	}
	if err := json.Unmarshal(f.State, &state); err != nil {
		t.Fatal(err)
	}
	id := state.ID + state.Withdrawal
	switch f.Kind {
	case "clock":
		return unless(r.Time.Equal(state.Clock.instant(t)), "its clock is another")
	case "failure":
		return unless(has(r, state.At.instant(t), "login.failed"), "nothing failed then")
	case "lock":
		return unless(has(r, time.Time{}, "lockout.started", "lockout.extended"), "it locks nobody")
	case "attempt":
		begin, ok := r.Command.Data.(*domain.LoginBegin)
		return unless(ok && begin.Attempt == id && r.Status == domain.Accepted, "it opens no such attempt")
	case "fingerprint":
		recorded, ok := r.Command.Data.(*domain.IdentityRecord)
		return unless(ok && recorded.Fingerprint == state.Text, "it records no such fingerprint")
	case "verification":
		return unless(has(r, state.At.instant(t), "identity.verified"), "it verifies nobody then")
	case "sms", "code", "old_code":
		return c.misquotedCode(r, f.Kind, id)
	case "turns":
		return unless(has(r, time.Time{}, "device.shipped", "device.activated", "device.user_added", "sharing.granted"), "nothing was sent or activated")
	case "device", "holder", "joiners":
		return unless(mentions(r, id+map[bool]string{true: state.Device}[f.Kind != "device"]), "it is about another device")
	case "share", "sharing":
		return unless(mentions(r, id) && hasPrefix(r, "sharing."), "it is about another sharing")
	case "zone":
		return unless(has(r, time.Time{}, "withdrawal.approved", "withdrawal.denied"), "it counts no days")
	case "withdrawal":
		want := map[string]string{"approved": "withdrawal.approved", "denied": "withdrawal.denied", "settled": "withdrawal.settled", "cancelled": "withdrawal.cancelled"}
		return unless(mentions(r, id) && has(r, state.Since.instant(t), want[state.State]), "it does not leave it so")
	case "label":
		return unless(r.Adopted() != nil && r.Adopted().Version == state.Version, "it adopts no such policy")
	}
	return "no test knows of this kind"
}

func (c *chronicle) misquotedCode(r *domain.Record, kind, id string) string {
	if kind == "sms" {
		issue, ok := r.Command.Data.(*domain.CodeIssue)
		return unless(ok && issue.Kind == domain.SMS, "it issues no SMS")
	}
	return unless(mentions(r, id) && (hasPrefix(r, "code.") || hasPrefix(r, "device.pin_changed")), "it is about another code")
}

func unless(fine bool, wrong string) string {
	if fine {
		return ""
	}
	return wrong
}

// has reports whether a record has an event of one of some types, then.
func has(r *domain.Record, at time.Time, types ...string) bool {
	return slices.ContainsFunc(r.Events, func(e domain.Event) bool {
		return slices.Contains(types, e.Data.EventType()) && (at.IsZero() || e.At.Equal(at))
	})
}

func hasPrefix(r *domain.Record, prefix string) bool {
	return slices.ContainsFunc(r.Events, func(e domain.Event) bool { return strings.HasPrefix(e.Data.EventType(), prefix) })
}

// mentions reports whether an id stands in a record's command or events.
func mentions(r *domain.Record, id string) bool {
	text, err := json.Marshal(struct {
		C any
		E any
	}{r.Command.Data, r.Events})
	return err == nil && strings.Contains(string(text), `"`+id+`"`)
}
