package audit

import "time"

// Results of a [Verification].
const (
	Running = "running"
	Intact  = "intact"
	Damaged = "damaged" // the log, a verdict or the projections are not intact
	Failed  = "failed"  // the verification could not read the whole log
)

// Verification is the state of a verification of the log by a node.
type Verification struct {
	Result string    `json:"result"`
	Seq    uint64    `json:"seq"`  // last record of an intact log, 0 for another result
	Time   time.Time `json:"time"` // of the start while it runs, of the end afterwards

	Record uint64 `json:"record,omitempty"` // of the end of the verification, 0 while it runs or if the ledger could not record it

	// The progress of a running verification: commit At of Last.
	At   uint64 `json:"-"`
	Last uint64 `json:"-"`
}
