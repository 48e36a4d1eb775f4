package queries

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"authledger/domain"
	"authledger/eventstore/wire"
	"authledger/projections/logtest"
)

// labelOf returns the labels with which a record counts in a group.
func labelsOf(group string, r *domain.Record) (all []string) {
	switch group {
	case "type":
		return []string{r.Command.Data.CommandType()}
	case "status":
		return []string{string(r.Status)}
	case "source":
		return []string{r.Command.Source}
	case "event":
		for _, e := range r.Events {
			all = append(all, e.Data.EventType())
		}
	}
	return all
}

// refStatistics counts the records in the buckets of q from the definitions, without paging.
func (h *refLog) refStatistics(q StatisticsQuery) map[string]int64 {
	length := map[string]time.Duration{"1m": time.Minute, "1h": time.Hour, "1d": 24 * time.Hour}[q.Step]
	kept := map[string]time.Duration{"1m": 48 * time.Hour, "1h": 90 * 24 * time.Hour}[q.Step]
	var newest time.Time
	for i := range h.Records {
		if h.Records[i].Time.After(newest) {
			newest = h.Records[i].Time
		}
	}
	all := map[string]int64{}
	first := time.Time{}
	if kept > 0 {
		first = newest.Truncate(length).Add(length - kept)
	}
	for start := q.From.Truncate(length); start.Before(q.To); start = start.Add(length) {
		if !start.Before(q.From) && !start.Before(first) {
			all[start.String()] = 0
		}
	}
	for i := range h.Records {
		start := h.Records[i].Time.Truncate(length).String()
		if _, in := all[start]; !in {
			continue
		}
		all[start]++
		for _, label := range labelsOf(q.Group, &h.Records[i]) {
			all[start+" "+label]++
		}
	}
	return all
}

// pagesOf returns the buckets of all pages of q, in the form of refStatistics.
func pagesOf(t *rapid.T, queries *Queries, q StatisticsQuery) map[string]int64 {
	all, last := map[string]int64{}, time.Time{}
	for {
		page, err := queries.Statistics(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Items) > q.Limit {
			t.Fatalf("got %d items, want at most %d", len(page.Items), q.Limit)
		}
		for i := range page.Items {
			item := &page.Items[i]
			if !item.Start.After(last) {
				t.Fatalf("bucket %v follows %v", item.Start, last)
			}
			last = item.Start
			all[item.Start.String()] = item.Records
			for _, c := range item.Counts {
				all[item.Start.String()+" "+c.Label] = c.Count
			}
		}
		if page.Next.IsZero() {
			return all
		}
		q.After = page.Next
	}
}

func TestStatisticsEqualReferenceCount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := logtest.NewGenerator(rapid.Uint64().Draw(t, "seed"), rapid.IntRange(1, 6).Draw(t, "users"))
		h := newRefLog()
		c.Write(h.History, rapid.IntRange(1, 400).Draw(t, "records"), 9)
		q, closeRows := open(require{t}, h)
		defer closeRows()
		for range 10 {
			at, _, _ := question(c, h)
			of := StatisticsQuery{
				At: at, Limit: 1 + c.IntN(200),
				Step:  logtest.Pick(c, StatisticsSteps...),
				Group: logtest.Pick(c, "", "type", "status", "source", "event"),
			}
			if c.IntN(2) == 0 {
				of.To = at.Add(time.Duration(c.IntN(3000)) * time.Minute)
			}
			if c.IntN(2) == 0 {
				of.From = at.Add(-time.Duration(1+c.IntN(3000)) * time.Minute)
			}
			if err := of.Check(); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(h.refStatistics(of), pagesOf(t, q, of)); diff != "" {
				t.Fatalf("%+v (-want +got)\n%s", of, diff)
			}
			checkLocked(t, q, of)
		}
	})
}

// checkLocked compares the number of locked users with the list of locked users.
func checkLocked(t *rapid.T, q *Queries, of StatisticsQuery) {
	page, err := q.Statistics(t.Context(), of)
	if err != nil {
		t.Fatal(err)
	}
	locked, err := q.Lockouts(t.Context(), of.At, nil, Page{Limit: ListMax})
	if err != nil {
		t.Fatal(err)
	}
	if page.LockedUsers != int64(len(locked.Lockouts)) {
		t.Fatalf("locked users at %v: got %d, want %d", of.At, page.LockedUsers, len(locked.Lockouts))
	}
}

func TestStatisticsQueryCheck(t *testing.T) {
	at := time.Date(2026, 3, 2, 15, 30, 0, 0, time.UTC)
	early := time.Date(1, 1, 1, 5, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name string
		of   StatisticsQuery
		want string // the checked query, or the error
	}{
		{"defaults", StatisticsQuery{At: at, Limit: 2}, "1h  2026-03-02 14:00 to 2026-03-02 15:30"},
		{"minutes", StatisticsQuery{At: at, Limit: 3, Step: "1m"}, "1m  2026-03-02 15:27 to 2026-03-02 15:30"},
		{"by class", StatisticsQuery{At: at, Limit: 1, Group: "class"},
			"1d class 2026-03-02 00:00 to 2026-03-02 15:30"},
		{"minutes by class", StatisticsQuery{At: at, Group: "class", Step: "1m"}, errStatisticsClass.Error()},
		{"unknown step", StatisticsQuery{At: at, Step: "2h"}, errStatisticsStep.Error()},
		{"unknown group", StatisticsQuery{At: at, Group: "user"}, errStatisticsGroup.Error()},
		{"empty range", StatisticsQuery{At: at, From: at, To: at}, errStatisticsRange.Error()},
		{"year one", StatisticsQuery{At: early, Limit: 9}, "1h  0001-01-01 00:00 to 0001-01-01 05:00"},
	} {
		got := fmt.Sprint(c.of.Check())
		if got == "<nil>" {
			const layout = "2006-01-02 15:04"
			from, to := c.of.From.Format(layout), c.of.To.Format(layout)
			got = fmt.Sprintf("%s %s %s to %s", c.of.Step, c.of.Group, from, to)
		}
		if got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

// TestStatisticsAnswers holds the JSON of answers.
func TestStatisticsAnswers(t *testing.T) {
	h := newRefLog()
	for i, at := range []time.Duration{0, time.Second, time.Minute, 25 * time.Hour} {
		h.Do(domain.Command{
			Source: "gateway/portal", ID: fmt.Sprint("e-", i), Time: logtest.Epoch.Add(at), Caller: "test",
			Data: &domain.LoginReport{User: fmt.Sprint("user", i/2), Outcome: domain.Succeeded, Platform: "tws"},
		})
	}
	ask := &domain.WithdrawalRequest{
		Withdrawal: "w1", Account: "U1", User: "user0", Device: "d1", Amount: "5", Currency: "USD",
	}
	h.Do(domain.Command{Source: "gateway/portal", ID: "w-1", Time: logtest.Epoch, Caller: "test", Data: ask})
	h.Commit()
	q, closeRows := open(require{t}, h)
	defer closeRows()
	const end = `,"newest":"2026-03-03T16:00:00Z","lockedUsers":0,"at":"2026-03-03T16:30:00Z",
"asOf":{"seq":5,"time":"2026-03-02T15:00:00Z"}}`
	for _, c := range []struct {
		name string
		of   StatisticsQuery
		want string // with line breaks that the answer does not have
	}{
		{"hours", StatisticsQuery{Limit: 2}, `{"step":"1h","items":[
{"start":"2026-03-03T15:00:00Z","records":0,"counts":[]},
{"start":"2026-03-03T16:00:00Z","records":1,"counts":[]}],
"keptFrom":"2025-12-03T17:00:00Z"` + end},
		{"first page", StatisticsQuery{Step: "1m", Group: "type", From: logtest.Epoch, Limit: 1},
			`{"step":"1m","group":"type","items":[
{"start":"2026-03-02T15:00:00Z","records":3,"counts":[
{"label":"login.report","count":2},{"label":"withdrawal.request","count":1}]}],
"next":"2026-03-02T15:00:00Z","keptFrom":"2026-03-01T16:01:00Z"` + end},
		{"days by event", StatisticsQuery{Step: "1d", Group: "event", Limit: 2},
			`{"step":"1d","group":"event","items":[
{"start":"2026-03-02T00:00:00Z","records":4,"activeUsers":2,"counts":[
{"label":"login.succeeded","count":3},{"label":"withdrawal.denied","count":1}]},
{"start":"2026-03-03T00:00:00Z","records":1,"activeUsers":1,"counts":[
{"label":"login.succeeded","count":1}]}]` + end},
		{"business days", StatisticsQuery{Group: "class", Limit: 2}, `{"step":"1d","group":"class","items":[
{"start":"2026-03-02T00:00:00Z","day":"2026-03-02","records":1,"counts":[
{"label":"none","count":1,"approved":0,"approvedUsd":"0.00","denied":1,"deniedUsd":"5.00"}]}]` + end},
	} {
		c.of.At = logtest.Epoch.Add(25*time.Hour + 30*time.Minute)
		if err := c.of.Check(); err != nil {
			t.Fatal(err)
		}
		s, err := q.Statistics(t.Context(), c.of)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := string(wire.AppendAnswer(nil, s)), strings.ReplaceAll(c.want, "\n", ""); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", c.name, got, want)
		}
	}
}

// TestStatisticsByClassEndOnBusinessDay checks that the default range by class ends on the day
// of the instant in the time zone of the policy, and not on the day in UTC.
func TestStatisticsByClassEndOnBusinessDay(t *testing.T) {
	const newYork, tokyo = "America/New_York", "Asia/Tokyo"
	for _, c := range []struct {
		name, zone string
		at         string
		of         StatisticsQuery
		want       string // the days of the answer
	}{
		{"evening in New York", newYork, "2026-03-03T02:00:00Z", StatisticsQuery{Limit: 1}, "2026-03-02"},
		{"morning in Tokyo", tokyo, "2026-03-02T20:00:00Z", StatisticsQuery{Limit: 1}, "2026-03-03"},
		{"two days", tokyo, "2026-03-02T20:00:00Z", StatisticsQuery{Limit: 2}, "2026-03-02 2026-03-03"},
		{"with after", tokyo, "2026-03-02T20:00:00Z", StatisticsQuery{Limit: 2, After: dayStart(2)}, "2026-03-03"},
		{"with from", tokyo, "2026-03-02T20:00:00Z", StatisticsQuery{Limit: 9, From: dayStart(2)},
			"2026-03-02 2026-03-03"},
		{"with to", tokyo, "2026-03-02T20:00:00Z", StatisticsQuery{Limit: 1, To: dayStart(3)}, "2026-03-02"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h, start := newRefLog(), dayStart(1)
			do := func(id string, at time.Time, data domain.CommandData) {
				h.Do(domain.Command{Source: "gateway/portal", ID: id, Time: at, Caller: "test", Data: data})
			}
			p := *domain.IBKRSLS()
			p.Version, p.Zone = "moved@1", c.zone
			do("p-1", start, &domain.PolicyAdopt{Policy: p, By: "ann"})
			at, err := time.Parse(time.RFC3339, c.at)
			if err != nil {
				t.Fatal(err)
			}
			for i, of := range []time.Time{at.Add(-24 * time.Hour), at} {
				do(fmt.Sprint("w-", i), of, &domain.WithdrawalRequest{
					Withdrawal: fmt.Sprint("w", i), Account: "U1", User: "user0", Device: "d1", Amount: "5", Currency: "USD",
				})
			}
			h.Commit()
			q, closeRows := open(require{t}, h)
			defer closeRows()
			c.of.Group, c.of.At = "class", at
			if err := c.of.Check(); err != nil {
				t.Fatal(err)
			}
			s, err := q.Statistics(t.Context(), c.of)
			if err != nil {
				t.Fatal(err)
			}
			var days []string
			for i := range s.Items {
				days = append(days, s.Items[i].Day)
			}
			if got := strings.Join(days, " "); got != c.want {
				t.Errorf("days: got %s, want %s", got, c.want)
			}
		})
	}
}

// dayStart returns the start of a day of March 2026 in UTC.
func dayStart(day int) time.Time { return time.Date(2026, 3, day, 0, 0, 0, 0, time.UTC) }
