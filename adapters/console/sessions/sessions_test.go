package sessions

import (
	"testing"
	"time"
)

func TestSessionEnds(t *testing.T) {
	start := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		requests []time.Duration // since the sign-in
		end      bool
		at       time.Duration
		want     bool
	}{
		"idle until the limit":       {at: IdleMax, want: true},
		"idle longer than the limit": {at: IdleMax + time.Second},
		"used in between": {requests: []time.Duration{20 * time.Minute}, at: 45 * time.Minute,
			want: true},
		"signed out":             {end: true, at: time.Second},
		"older than the maximum": {requests: every(20*time.Minute, AgeMax), at: AgeMax + time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			now := start
			table := New(func() time.Time { return now })
			id := table.Start("token", "ann")
			for _, r := range c.requests {
				now = start.Add(r)
				table.Find(id)
			}
			if c.end {
				table.End(id)
			}
			now = start.Add(c.at)
			s, got := table.Find(id)
			if got != c.want || got && (s.Token != "token" || s.Caller != "ann") {
				t.Errorf("Find after %v: got %v %+v, want %v", c.at, got, s, c.want)
			}
		})
	}
}

func every(step, until time.Duration) (all []time.Duration) {
	for at := step; at <= until; at += step {
		all = append(all, at)
	}
	return all
}

func TestTableIsBounded(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	table := New(func() time.Time { now = now.Add(time.Millisecond); return now })
	first := table.Start("token", "ann")
	for range ofCallerMax {
		table.Start("token", "ann")
	}
	if got := table.Len(); got != ofCallerMax {
		t.Errorf("sessions of one caller: got %d, want %d", got, ofCallerMax)
	}
	if _, ok := table.Find(first); ok {
		t.Error("the longest idle session of the caller: got it, want it ended")
	}
	for i := range sessionsMax {
		table.Start("token", string(rune('a'+i%26))+time.Duration(i).String())
	}
	if got := table.Len(); got != sessionsMax {
		t.Errorf("sessions of all callers: got %d, want %d", got, sessionsMax)
	}
}

func TestFindRejectsOtherIDs(t *testing.T) {
	table := New(time.Now)
	id := table.Start("token", "ann")
	for _, other := range []string{"", "x", id + "x", id[:len(id)-1], "A" + id[1:] + ""} {
		if other == id {
			continue
		}
		if _, ok := table.Find(other); ok {
			t.Errorf("Find(%q): got a session, want none", other)
		}
	}
}

func TestSessionStoresTheLastView(t *testing.T) {
	now := time.Now()
	table := New(time.Now)
	id, other := table.Start("token", "ann"), table.Start("token", "ann")
	table.View(id, now.Add(-time.Hour))
	table.View(id, now)
	table.View("unknown", now)
	for name, test := range map[string]struct {
		id    string
		begun time.Time
		want  bool
	}{
		"last view":       {id, now, true},
		"earlier view":    {id, now.Add(-time.Hour), false},
		"another session": {other, now, false},
		"zero instant":    {other, time.Time{}, false},
		"unknown session": {"unknown", now, false},
	} {
		if got := table.HasViewed(test.id, test.begun); got != test.want {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
}
