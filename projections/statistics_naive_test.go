package projections

import (
	"fmt"
	"time"

	"authledger/domain"
	"authledger/domain/calendar"
)

// naive is the statistics of records, counted from the definitions.
type naive struct {
	counts map[string]map[string]int64 // by bucket: the number of records, and of those with each label
	users  map[time.Time]map[string]bool
	usd    map[string]ClassUSD // by day and class
}

var groupNames = [statGroups]string{"type", "status", "reason", "platform", "source", "event"}

func countNaively(records []domain.Record) *naive {
	n := &naive{map[string]map[string]int64{}, map[time.Time]map[string]bool{}, map[string]ClassUSD{}}
	var newest time.Time
	for i := range records {
		if records[i].Time.After(newest) {
			newest = records[i].Time
		}
	}
	for i := range records {
		r := &records[i]
		for step, kept := range map[StatStep]time.Duration{
			Minutes: 48 * time.Hour, Hours: 90 * 24 * time.Hour, Days: 0,
		} {
			start := r.Time.Truncate(step.Length())
			if kept == 0 || start.After(newest.Truncate(step.Length()).Add(-kept)) {
				n.count(bucketName(step, start), r)
			}
		}
		n.countDay(r)
	}
	return n
}

func bucketName(step StatStep, start time.Time) string { return fmt.Sprint(step.Length(), " ", start) }

func (n *naive) count(bucket string, r *domain.Record) {
	if n.counts[bucket] == nil {
		n.counts[bucket] = map[string]int64{}
	}
	of := n.counts[bucket]
	of["records"]++
	of["type "+r.Command.Data.CommandType()]++
	of["status "+string(r.Status)]++
	of["source "+r.Command.Source]++
	reason := string(r.Reason)
	for _, e := range r.Events {
		of["event "+e.Data.EventType()]++
		switch data := e.Data.(type) {
		case *domain.LoginFailed:
			reason = data.Reason
		case *domain.LoginUnattributed:
			reason = data.Reason
		}
	}
	if reason != "" {
		of["reason "+reason]++
	}
	sent := textOf{of: "platform"}
	r.Command.Data.Members(&sent)
	if sent.text != "" {
		of["platform "+sent.text]++
	}
}

// textOf is a Visitor that reads one text member.
type textOf struct{ of, text string }

func (v *textOf) Text(name string, at *string, _ domain.Form) {
	if name == v.of {
		v.text = *at
	}
}
func (v *textOf) Flag(string, *bool, domain.Form)         {}
func (v *textOf) Count(string, *int64, domain.Form)       {}
func (v *textOf) Instant(string, *time.Time, domain.Form) {}
func (v *textOf) Instants(string, *[]time.Time)           {}
func (v *textOf) Texts(string, *[]string)                 {}
func (v *textOf) Object(string, domain.Data, domain.Form) {}
func (v *textOf) List(string, domain.Items)               {}

func (n *naive) countDay(r *domain.Record) {
	for _, e := range r.Events {
		switch data := e.Data.(type) {
		case *domain.LoginSucceeded:
			day := r.Time.Truncate(24 * time.Hour)
			if n.users[day] == nil {
				n.users[day] = map[string]bool{}
			}
			name, _ := r.Entities[0].User()
			n.users[day][name] = true
		case *domain.WithdrawalApproved:
			usd, _ := domain.ParseUSD(data.USD)
			of := n.usd[data.Day+" "+data.Class]
			of.Class, of.Approved, of.ApprovedUSD = data.Class, of.Approved+1, of.ApprovedUSD.Plus(usd)
			n.usd[data.Day+" "+data.Class] = of
		case *domain.WithdrawalDenied:
			zone, _ := time.LoadLocation(data.Zone)
			class := data.Class
			if class == "" {
				class = "none"
			}
			k := calendar.DateOf(r.Time, zone).String() + " " + class
			of := n.usd[k]
			request := r.Command.Data.(*domain.WithdrawalRequest)
			of.Class, of.Denied, of.DeniedUSD = class, of.Denied+1, of.DeniedUSD.Plus(request.USD())
			n.usd[k] = of
		}
	}
}
