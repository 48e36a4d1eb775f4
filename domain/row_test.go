package domain

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// reread writes d and reads it into an empty value.
func reread(t interface{ Fatal(...any) }, d, into Data) {
	var object map[string]any
	decoder := json.NewDecoder(strings.NewReader(writeJSON(d)))
	decoder.UseNumber()
	if err := decoder.Decode(&object); err != nil {
		t.Fatal(err)
	}
	if wrong := readJSON(object, into); len(wrong) > 0 {
		t.Fatal("row: got members that can't be read, want none:", wrong)
	}
}

// A row stores only the members that Members lists.
func TestUser_SurvivesItsRow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := history(t, &traveller{back: true, adopt: true}, nil)
		for name, u := range l.users {
			var again User
			reread(t, &u, &again)
			if diff := cmp.Diff(u, again, cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("%s (-state +row)\n%s", name, diff)
			}
		}
	})
}

// A result is stored in its record, and a duplicate gets it from there.
func TestLoginResult_SurvivesItsRecord(t *testing.T) {
	for _, r := range []LoginResult{
		{},
		{Locked: true},
		{Locked: true, Until: epoch},
		{Remaining: 9},
		{RetryAfter: epoch.Add(1)},
	} {
		again := NewResult("login.begin")
		reread(t, &r, again)
		if diff := cmp.Diff(&r, again); diff != "" {
			t.Errorf("(-result +again)\n%s", diff)
		}
	}
	if NewResult("lockout.release") != nil {
		t.Error("lockout.release has a result, want none (A-35)")
	}
}

// A record returns its verdict, and a commit returns its end.
func TestRecordVerdictAndCommitEnd(t *testing.T) {
	l := newLedger(IBKRSLS())
	l.do(*fail(hour)(l))
	l.do(*succeed(0)(l))
	r := l.records[1]
	v := r.Verdict()
	if v.ID != r.Command.ID || v.Source != "gateway/portal" || v.Type != "login.report" ||
		v.Status != Accepted ||
		v.Seq != 2 || !v.Time.Equal(epoch.Add(hour)) || !v.Late || v.Duplicate || v.Policy != DefaultPolicy ||
		len(v.Events) != 1 || v.Result != r.Result {
		t.Errorf("verdict: got %+v, want that of the record %+v", v, r)
	}
	c := Commit{First: 41, Stream: 7, Hash: Hash{1}, Records: make([]Record, 3)}
	if c.Last() != 43 || c.End() != (Position{Seq: 43, Stream: 7, Hash: Hash{1}}) {
		t.Errorf("end of a commit of records 41 to 43: got %+v, want record 43, position 7", c.End())
	}
}

// A rejection has the field and the reason, and no position.
func TestRejection_HasFieldAndReason(t *testing.T) {
	r := IBKRSLS().CheckClock(&Command{Time: epoch}, epoch.Add(time.Hour))
	v := r.Verdict(&Command{ID: "e-1", Source: "gateway/portal", Time: epoch, Data: &LoginBegin{}})
	if v.Status != Invalid || v.Reason != ClockSkew || v.Seq != 0 || v.Late || v.Type != "login.begin" ||
		!strings.HasPrefix(v.Detail, "time: ") {
		t.Errorf("verdict of the rejection: got %+v, want invalid clock_skew", v)
	}
	if !strings.HasPrefix(r.Error(), "clock_skew: time: ") {
		t.Errorf("error text: got %q, want it to begin with clock_skew: time: ", r.Error())
	}
}
