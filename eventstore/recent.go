package eventstore

import (
	"bytes"
	"fmt"
	"slices"
	"sync"

	"authledger/domain"
	"authledger/eventstore/wire"
)

// recentMax is the number of commits that a ledger keeps in memory for readers of single
// records.
const recentMax = 16

// recent holds the last commits that were read. It is safe for concurrent use.
type recent struct {
	mu      sync.Mutex
	commits [recentMax]*openCommit
	next    int
}

func (r *recent) find(seq uint64) *openCommit {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.commits {
		if c != nil && c.holds(seq) {
			return c
		}
	}
	return nil
}

func (r *recent) keep(c *openCommit) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.commits[r.next] = c
	r.next = (r.next + 1) % recentMax
}

// openCommit is a commit whose records are decoded when they are read. A commit has up to
// CommitRecordsMax records, and most callers read one.
type openCommit struct {
	domain.Commit          // its header
	lines         [][]byte // of the records, in order
}

func readOpenCommit(realm string, m Message) (*openCommit, error) {
	c, count, lines, err := readHeader(realm, m)
	if err != nil {
		return nil, err
	}
	lines, ended := bytes.CutSuffix(lines, []byte{'\n'})
	o := &openCommit{c, bytes.Split(slices.Clone(lines), []byte{'\n'})}
	if !ended || len(o.lines) != count {
		return nil, fmt.Errorf("the header states %d records, the commit holds %d", count, len(o.lines))
	}
	return o, nil
}

func (o *openCommit) holds(seq uint64) bool {
	return o.First <= seq && seq-o.First < uint64(len(o.lines))
}

// record decodes the record at seq, which the commit holds.
func (o *openCommit) record(seq uint64) (domain.Record, error) {
	r, err := wire.ReadRecord(o.lines[seq-o.First])
	if err != nil {
		return r, err
	}
	if r.Seq != seq {
		return r, fmt.Errorf("the line of record %[2]d holds record %[1]d", r.Seq, seq)
	}
	r.Command.Rules = o.Rules
	return r, nil
}
