package console

import (
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"

	"authledger/domain"
	"authledger/domain/access"
	"authledger/eventstore/audit"
)

// integrityOperations are the operations whose right the page about the integrity of the node needs.
// Its facts are those of /readyz and of the command verify.
var integrityOperations = []string{"stats"}

const integrityPath = "/integrity"

// Facts are the facts about the files of a node.
type Facts struct {
	LedgerID    string
	Head        domain.Position // of the file with the end of the log
	Generation  string          // directory of the rows
	Projections []string        // name@version
	Keys        uint64          // keys of personal data that records use
	LogFiles    int
	LogBytes    int64
}

// integrityBody is the body of the page about the integrity of the node.
type integrityBody struct {
	Problems         []string
	LedgerID         string
	End              commitRow // of the newest commit that is folded
	Head             commitRow
	IsHeadBehind     bool // the head has an earlier commit, because the node commits now
	Scrubbed         uint64
	ScrubbedShare    string
	Rounds, Compared uint64
	IsBetweenRounds  bool // the scrub of the log waits for its next round
	Verification     *verificationPart
	MayVerify        bool
	RecordsPath      string // of the page with the records of verifications, "" if the caller may not read it
	Generation       string
	Projections      []versionRow
	Keys             uint64
	LogFiles         int
	LogSize          string
}

// commitRow is the end of a commit.
type commitRow struct {
	Seq, Stream uint64
	Hash        string // "" before the first commit
}

// verificationPart is the newest verification.
type verificationPart struct {
	Result   string
	Class    string // of the badge
	Seq      uint64
	Record   uint64 // of the end of the verification, 0 for none
	Time     time.Time
	At, Last uint64 // progress of a running verification, in commits
}

type versionRow struct{ Name, Version string }

func commitRowOf(at domain.Position) commitRow {
	row := commitRow{Seq: at.Seq, Stream: at.Stream}
	if at.Seq > 0 {
		row.Hash = hex.EncodeToString(at.Hash[:])
	}
	return row
}

func (v *visit) getIntegrity() error {
	verification := v.options.Shared.Verification()
	if err := v.recordReadOf(integrityPath, verification); err != nil {
		return err
	}
	facts, err := v.Facts()
	if err != nil {
		return err
	}
	health := v.Ledger.Health()
	b := &integrityBody{
		Problems: health.Problems, LedgerID: facts.LedgerID,
		End: commitRowOf(v.Rows.Position()), Head: commitRowOf(facts.Head),
		Scrubbed: health.Scrubbed, Rounds: health.Rounds, Compared: health.Compared,
		Verification: verificationPartOf(verification), MayVerify: v.caller.Role.May(access.Verify),
		Generation: facts.Generation, Keys: facts.Keys, LogFiles: facts.LogFiles,
		LogSize: v.text.T("unit.mib", v.text.Count((facts.LogBytes+1<<20-1)>>20)),
	}
	if v.caller.Role.May(access.ReadRecords) {
		b.RecordsPath = "/records?type=audit.verified"
	}
	b.IsBetweenRounds = b.Scrubbed == 0 && b.Rounds > 0
	b.IsHeadBehind = b.Head.Seq < b.End.Seq
	if b.End.Seq > 0 {
		b.ScrubbedShare = v.text.Count(int64(100 * min(b.Scrubbed, b.End.Seq) / b.End.Seq))
	}
	for _, text := range facts.Projections {
		name, version, _ := strings.Cut(text, "@")
		b.Projections = append(b.Projections, versionRow{name, version})
	}
	if b.Verification != nil && b.Verification.Result == audit.Running {
		v.w.Header().Set("Refresh", v.refreshLater())
	}
	v.write(http.StatusOK, "integrity", "integrity.title", b)
	return nil
}

func verificationPartOf(found *audit.Verification) *verificationPart {
	if found == nil {
		return nil
	}
	p := &verificationPart{
		Result: found.Result, Seq: found.Seq, Record: found.Record, Time: found.Time, At: found.At, Last: found.Last,
	}
	switch found.Result {
	case audit.Intact:
		p.Class = "good"
	case audit.Damaged, audit.Failed:
		p.Class = "bad"
	}
	return p
}

// postVerify starts a verification of the log.
func (v *visit) postVerify() error {
	if !v.options.Shared.StartVerification(v.caller) {
		return &failure{status: http.StatusConflict, key: "task"}
	}
	return &redirect{integrityPath}
}

// verificationTile shows the newest verification on the overview.
func (v *visit) verificationTile() tile {
	t := tile{Label: v.text.T("tile.verification"), Value: v.text.T("verification.none"), Path: integrityPath,
		Note: v.text.T("tile.verification.none")}
	found := verificationPartOf(v.options.Shared.Verification())
	if found == nil {
		return t
	}
	t.Value, t.Class = v.text.Name("verified", found.Result), ""
	if found.Class == "bad" {
		t.Class = found.Class
	}
	t.Note = v.text.T("tile.verification.note", v.relative(found.Time))
	if found.Seq > 0 {
		t.Note = v.text.T("tile.verification.upto", strconv.FormatUint(found.Seq, 10), v.relative(found.Time))
	}
	return t
}
