package node

import (
	"fmt"
	"time"

	"authledger/domain"
	"authledger/eventstore"
	"authledger/eventstore/audit"
)

// Verified is the result of a verification, as JSON.
type Verified struct {
	Realm   string      `json:"realm"`
	Commits uint64      `json:"commits"`
	Records uint64      `json:"records"`
	End     LogPosition `json:"end"` // the last verified commit
	Head    LogPosition `json:"head"`
	Rebuilt string      `json:"rebuilt,omitempty"` // reason of a rebuild of the projections

	Sealed  SealedCounts `json:"sealed"`
	Seconds float64      `json:"seconds"`
}

// NewVerified returns the result of a verification of d.
func NewVerified(d *Directory, proved audit.Verified, head domain.Position, sealed *eventstore.SealedCheck, took time.Duration) Verified {
	return Verified{
		Realm: d.Manifest.Realm, Commits: proved.Commits, Records: proved.Records, End: NewLogPosition(proved.End), Head: NewLogPosition(head),
		Rebuilt: d.Rows.Rebuilding(), Sealed: SealedCounts{sealed.Opened, sealed.Erased, sealed.GivenUp}, Seconds: took.Seconds(),
	}
}

// LastRecord implements [httpapi.Verified].
func (v Verified) LastRecord() uint64 { return v.End.Seq }

// SealedCounts counts records with personal data.
type SealedCounts struct {
	Opened  uint64 `json:"opened"`  // their data can be decrypted
	Erased  uint64 `json:"erased"`  // their key was destroyed by an erasure, or after the retention
	GivenUp uint64 `json:"givenUp"` // their key is missing, and the operator gave it up
}

// LogPosition is a position in the log, as JSON.
type LogPosition struct {
	Seq    uint64 `json:"seq"`
	Stream uint64 `json:"stream"`
	Hash   string `json:"hash"`
}

// NewLogPosition returns a position as JSON.
func NewLogPosition(at domain.Position) LogPosition {
	return LogPosition{at.Seq, at.Stream, fmt.Sprintf("%x", at.Hash)}
}

// Rebuilt is the result of a rebuild of the projections, as JSON.
type Rebuilt struct {
	Records   uint64  `json:"records"`
	Seconds   float64 `json:"seconds"`
	PerSecond float64 `json:"perSecond"`
}

// NewRebuilt returns the result of a rebuild.
func NewRebuilt(records uint64, took time.Duration) Rebuilt {
	return Rebuilt{records, took.Seconds(), float64(records) / took.Seconds()}
}

// Rotated is the result of a rotation of the master key, as JSON.
type Rotated struct {
	Keys      uint64  `json:"keys"`      // keys under the new master key, free and destroyed ones included
	Installed bool    `json:"installed"` // the node has renamed the files of the master keys; otherwise the operator changes the configuration
	Seconds   float64 `json:"seconds"`
}

// Supposed is the result of deciding records again under another policy, as JSON.
type Supposed struct {
	Decided uint64 `json:"decided"`
	Differ  uint64 `json:"differ"`
}

// NewSupposed returns the result of deciding records again.
func NewSupposed(s audit.Supposed) Supposed { return Supposed{s.Decided, s.Differ} }
