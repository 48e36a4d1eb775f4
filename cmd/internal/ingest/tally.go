package ingest

import (
	"time"

	"authledger/adapters/importers/signins"
	"authledger/domain"
)

// Tally counts the results of an import.
type Tally struct {
	Lines      int                   `json:"lines"`
	Skipped    int                   `json:"skipped"`  // lines without a command
	Commands   int                   `json:"commands"` // valid commands
	Accepted   int                   `json:"accepted"`
	Duplicates int                   `json:"duplicates"` // commands that were recorded before
	Refused    map[domain.Reason]int `json:"refused"`
	Invalid    map[domain.Reason]int `json:"invalid"`
	Adopted    string                `json:"adopted,omitempty"` // policy that the import adopted
	SignIns    *SignInTally          `json:"signIns,omitempty"`
	PassedOver map[signins.Kind]int  `json:"passedOver,omitempty"` // by kind
	Seconds    float64               `json:"seconds"`
	PerSecond  float64               `json:"perSecond"` // commands

	FirstInvalid string `json:"-"` // reason and detail of the first invalid line
	invalidAt    int    // number of that line
	begun        time.Time
}

// NewTally returns an empty tally whose duration starts now.
func NewTally() *Tally {
	return &Tally{Refused: make(map[domain.Reason]int), Invalid: make(map[domain.Reason]int), begun: time.Now()}
}

// Add counts the items and the verdicts of a batch.
func (t *Tally) Add(b *Batch) {
	t.Lines += len(b.items)
	for i := range b.items {
		b.items[i].at.count(&b.items[i])
		if b.items[i].passedOver {
			t.addPassedOver(b.items[i].kind)
		}
		if !b.items[i].needsVerdict() && !t.SignIns.add(&b.items[i]) {
			t.Skipped++
		}
		t.Adopted += b.items[i].adopted // at most one item has a policy
	}
	for i := range b.Pending {
		q := &b.Pending[i]
		if q.ticket != nil {
			t.Commands++
		}
		t.SignIns.addLate(&q.Verdict)
		switch {
		case q.Verdict.Duplicate:
			t.Duplicates++
		case q.Verdict.Status == domain.Accepted:
			t.Accepted++
		case q.Verdict.Status == domain.Refused:
			t.Refused[q.Verdict.Reason]++
		default:
			t.addInvalid(q.line, &q.Verdict)
		}
	}
}

func (t *Tally) addPassedOver(kind signins.Kind) {
	if t.PassedOver == nil {
		t.PassedOver = make(map[signins.Kind]int)
	}
	t.PassedOver[kind]++
}

// HasCounts reports whether the import counted a command, an invalid line, or an event that it
// passed over or could not map.
func (t *Tally) HasCounts() bool {
	return t.Commands > 0 || len(t.Invalid) > 0 || t.SignIns != nil && t.SignIns.PassedOver+t.SignIns.Unmapped > 0
}

func (t *Tally) addInvalid(line int, v *domain.Verdict) {
	t.Invalid[v.Reason]++
	if t.FirstInvalid == "" || line < t.invalidAt {
		t.FirstInvalid, t.invalidAt = string(v.Reason)+": "+v.Detail, line
	}
}

// Finish sets the duration and the rate.
func (t *Tally) Finish() {
	t.Seconds = time.Since(t.begun).Seconds()
	t.PerSecond = float64(t.Commands) / t.Seconds
}
