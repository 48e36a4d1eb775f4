package queries

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"authledger/domain"
	"authledger/projections/logtest"
)

// The pages of Newest have each record of an entity once, the newest first.
func TestNewestPages(t *testing.T) {
	q, h := openHistory(t, 5)
	isRefused := func(r *domain.Record) bool { return r.Status == domain.Refused }
	for _, entity := range h.Entities() {
		for name, isWanted := range map[string]func(*domain.Record) bool{"all": nil, "refused": isRefused} {
			asOf := uint64(len(h.Records) - 100)
			var want, got []uint64
			for _, r := range h.Records[:asOf] {
				if slices.Contains(r.Entities, entity) && (isWanted == nil || isWanted(&r)) {
					want = append(want, r.Seq)
				}
			}
			slices.Reverse(want)
			for before, more := uint64(0), true; more; {
				page, err := q.Newest(t.Context(), Back{
					Entity: entity, Before: before, AsOf: &asOf, Limit: 3, Scan: 7, IsWanted: isWanted,
				})
				if err != nil || page.AsOf.Seq != asOf || len(page.Records) > 3 {
					t.Fatalf("newest of %s before %d: got %d records as of %d, %v, want at most 3 as of %d",
						entity, before, len(page.Records), page.AsOf.Seq, err, asOf)
				}
				for _, r := range page.Records {
					got = append(got, r.Seq)
				}
				before, more = page.Next, page.Next > 0
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("newest of %s, %s (-want +got)\n%s", entity, name, diff)
			}
		}
	}
}

// LockedCounts counts the users that Lockouts lists.
func TestLockedCounts(t *testing.T) {
	q, h := openHistory(t, 6)
	newest := h.Records[len(h.Records)-1].Time
	instants := []time.Time{newest.Add(-72 * time.Hour), newest.Add(-time.Hour), newest,
		newest.Add(time.Hour)}
	got, err := q.LockedCounts(t.Context(), instants)
	if err != nil {
		t.Fatal(err)
	}
	for i, at := range instants {
		page, err := q.Lockouts(t.Context(), at, nil, Page{Limit: ListMax})
		if err != nil {
			t.Fatal(err)
		}
		if want := int64(len(page.Lockouts)); got[i] != want {
			t.Errorf("locked users at %v: got %d, want %d", at, got[i], want)
		}
	}
}

// passcodeLog returns a log with a passcode and devices of a user.
func passcodeLog() *refLog {
	h := newRefLog()
	do := func(after time.Duration, data domain.CommandData) {
		h.Do(domain.Command{Source: "gateway", ID: fmt.Sprint(len(h.Records)), Time: logtest.Epoch.Add(after),
			Data: data})
	}
	const hour, day = time.Hour, 24 * time.Hour
	do(0, &domain.IdentityVerify{User: "alice", Agent: "ann", Channel: "phone"})
	do(time.Minute, &domain.CodeIssue{User: "alice", Code: "p1", Kind: domain.TempPasscode, Agent: "ann"})
	do(hour, &domain.DeviceRequest{User: "alice", Device: "d1", Class: domain.DigitalSecurityCardPlus,
		Purpose: "new"})
	do(2*hour, &domain.DeviceShip{User: "alice", Device: "d1"})
	do(5*day, &domain.DeviceActivate{User: "alice", Device: "d1", Class: domain.DigitalSecurityCardPlus,
		Method: domain.Portal})
	do(6*day, &domain.DeviceDeactivate{User: "alice", Device: "d1", Reason: domain.Lost})
	h.Commit()
	return h
}

func TestLives(t *testing.T) {
	q := openTest(t, passcodeLog())
	const day = 24 * time.Hour
	for name, c := range map[string]struct {
		kind  domain.ItemKind
		after time.Duration
		want  []string
	}{
		"code in its first state": {domain.CodeItem, time.Hour, []string{"full 0d-2d",
			"restricted 2d-10d planned"}},
		"restricted code": {domain.CodeItem, 4 * day, []string{"full 0d-2d", "restricted 2d-10d"}},
		"revoked code": {domain.CodeItem, 7 * day, []string{"full 0d-2d", "restricted 2d-5d",
			"revoked 5d"}},
		"code before its issue": {domain.CodeItem, 0, nil},
		"shipped device":        {domain.DeviceItem, day, []string{"requested 0d-0d", "shipped 0d"}},
		"lost device": {domain.DeviceItem, 7 * day,
			[]string{"requested 0d-0d", "shipped 0d-5d", "active 5d-6d", "deactivated 6d"}},
	} {
		t.Run(name, func(t *testing.T) {
			lives, err := q.Lives(t.Context(), "alice", c.kind, logtest.Epoch.Add(c.after), nil, 10)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, l := range lives {
				for _, s := range l.States {
					got = append(got, formattedState(s))
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// formattedState returns a state with its days since the epoch.
func formattedState(s LifeState) string {
	days := func(at time.Time) string { return fmt.Sprint(int(at.Sub(logtest.Epoch)/(24*time.Hour)), "d") }
	text := s.State + " " + days(s.From)
	if !s.Until.IsZero() {
		text += "-" + days(s.Until)
	}
	if s.IsPlanned {
		text += " planned"
	}
	return text
}

func TestLivesHasTheNewestItems(t *testing.T) {
	h := newRefLog()
	for i := range 10 {
		h.Do(domain.Command{Source: "gateway", ID: fmt.Sprint(i),
			Time: logtest.Epoch.Add(time.Duration(i) * time.Minute),
			Data: &domain.CodeIssue{User: "alice", Code: fmt.Sprint("c", i), Kind: domain.SMS}})
	}
	h.Commit()
	q := openTest(t, h)
	lives, err := q.Lives(t.Context(), "alice", domain.CodeItem, logtest.Epoch.Add(time.Hour), nil, 3)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, l := range lives {
		got = append(got, l.ID+" "+l.Now().State)
	}
	if want := []string{"c7 expired", "c8 expired", "c9 expired"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSecondFactors(t *testing.T) {
	q := openTest(t, passcodeLog())
	const day = 24 * time.Hour
	for name, c := range map[string]struct {
		platform string
		after    time.Duration
		want     []string
	}{
		"full passcode on TWS":          {domain.TWS, time.Hour, []string{"p1"}},
		"restricted passcode on TWS":    {domain.TWS, 4 * day, nil},
		"restricted passcode in portal": {domain.ClientPortal, 4 * day, []string{"p1"}},
		"active device":                 {domain.TWS, 5*day + time.Hour, []string{"d1"}},
		"lost device":                   {domain.TWS, 7 * day, nil},
	} {
		t.Run(name, func(t *testing.T) {
			menu, err := q.SecondFactors(t.Context(), "alice", c.platform, "", logtest.Epoch.Add(c.after),
				nil)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range menu {
				got = append(got, f.Device+f.Code)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
