package eventstore

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"authledger/domain"
)

// Genesis returns the hash that the first commit of a ledger holds as the hash of its
// predecessor.
func Genesis(ledgerID string) domain.Hash { return sha256.Sum256([]byte(ledgerID)) }

// Chain proves commit by commit that each commit of a log follows from the commit before
// it. It is not safe for concurrent use.
type Chain struct {
	realm   string
	genesis domain.Hash
	at      domain.Position // of the last proved commit
	time    time.Time       // time of the last proved commit, zero if unknown
}

// NewChain returns the chain of a ledger before its first commit.
func NewChain(m Manifest) *Chain {
	c := chainAt(m, domain.Position{})
	return &c
}

// ResumeChain returns the chain of a ledger after the commit that ends at a position. The caller MUST
// know that this commit is intact.
func ResumeChain(m Manifest, at domain.Position) *Chain {
	c := chainAt(m, at)
	return &c
}

// chainAt is ResumeChain by value.
func chainAt(m Manifest, at domain.Position) Chain {
	return Chain{realm: m.Realm, genesis: Genesis(m.LedgerID), at: at}
}

// At returns the position of the last proved commit.
func (c *Chain) At() domain.Position { return c.at }

// Next decodes m, proves that it is the next commit, and advances to it. It returns a
// *Fault for any other commit.
func (c *Chain) Next(m Message) (domain.Commit, error) {
	commit, err := ReadCommit(c.realm, m)
	if err == nil {
		err = c.follow(&commit)
	}
	if err != nil {
		return commit, &Fault{Stream: m.Stream, Seq: c.at.Seq + 1, Err: err}
	}
	c.at, c.time = commit.End(), commit.Time
	return commit, nil
}

// Link proves that m is the next commit, and advances to it. It decodes only the header: the hash in
// the next commit proves the records, and nothing here proves the records of the last commit. Link
// returns a *Fault for any other commit.
func (c *Chain) Link(m Message) error {
	commit, count, _, err := readHeader(c.realm, m)
	if err == nil {
		err = c.follow(&commit)
	}
	if err != nil {
		return &Fault{Stream: m.Stream, Seq: c.at.Seq + 1, Err: err}
	}
	last := commit.First + uint64(count) - 1
	c.at, c.time = domain.Position{Seq: last, Stream: m.Stream, Hash: sha256.Sum256(m.Data)}, commit.Time
	return nil
}

// follow returns an error unless the commit follows from the last proved one.
func (c *Chain) follow(commit *domain.Commit) error {
	prev := c.at.Hash
	if c.at.Seq == 0 {
		prev = c.genesis
	}
	switch {
	case commit.Stream != c.at.Stream+1:
		return fmt.Errorf("stream position %d does not follow position %d", commit.Stream, c.at.Stream)
	case commit.First != c.at.Seq+1:
		return fmt.Errorf("record %d does not follow record %d", commit.First, c.at.Seq)
	case commit.Prev != prev:
		return errors.New("its chain hash does not fit the commit before: one of the two commits was altered")
	case commit.Time.Before(c.time):
		return errors.New("its time is earlier than the time of the commit before")
	}
	return nil
}
