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

// reread is d written out and read into an empty one.
func reread(t interface{ Fatal(...any) }, d, into Data) {
	var object map[string]any
	decoder := json.NewDecoder(strings.NewReader(writeJSON(d)))
	decoder.UseNumber()
	if err := decoder.Decode(&object); err != nil {
		t.Fatal(err)
	}
	if wrong := readJSON(object, into); len(wrong) > 0 {
		t.Fatal(wrong)
	}
}

// A state is kept as a row: what its Members forget, a restart forgets.
func TestAUserSurvivesItsRow(t *testing.T) {
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

// A result is stored in its record, and answered from it to a duplicate.
func TestALoginResultSurvivesItsRecord(t *testing.T) {
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
		t.Error("a release has a result (A-35)")
	}
}

// A record tells its verdict, and a commit where it ends.
func TestRecordsAndCommitsTellWhereTheyStand(t *testing.T) {
	l := newLedger(IBKRSLS())
	l.do(*fail(hour)(l))
	l.do(*succeed(0)(l))
	r := l.records[1]
	v := r.Verdict()
	if v.ID != r.Command.ID || v.Source != "gateway/portal" || v.Type != "login.report" || v.Status != Accepted ||
		v.Seq != 2 || !v.Time.Equal(epoch.Add(hour)) || !v.Late || v.Duplicate || v.Policy != DefaultPolicy ||
		len(v.Events) != 1 || v.Result != r.Result {
		t.Errorf("%+v of %+v", v, r)
	}
	c := Commit{First: 41, Stream: 7, Hash: Hash{1}, Records: make([]Record, 3)}
	if c.Last() != 43 || c.End() != (Position{Seq: 43, Stream: 7, Hash: Hash{1}}) {
		t.Errorf("a commit of records 41 to 43 ends at %+v", c.End())
	}
}

// A rejection tells the field and the reason, and takes no position.
func TestRejectionsTellWhatIsWrong(t *testing.T) {
	r := IBKRSLS().CheckClock(&Command{Time: epoch}, epoch.Add(time.Hour))
	v := r.Verdict(&Command{ID: "e-1", Source: "gateway/portal", Time: epoch, Data: &LoginBegin{}})
	if v.Status != Invalid || v.Reason != ClockSkew || v.Seq != 0 || v.Late || v.Type != "login.begin" || !strings.HasPrefix(v.Detail, "time: ") {
		t.Errorf("%+v", v)
	}
	if !strings.HasPrefix(r.Error(), "clock_skew: time: ") {
		t.Error(r)
	}
}
