package audit

import (
	"bytes"
	"errors"
	"fmt"

	"authledger/domain"
	"authledger/eventstore"
	"authledger/eventstore/wire"
)

// proveAhead is the number of commits that are decided again and wait for their proof.
const proveAhead = 8

// prover proves commits in a goroutine of its own, in the order of the log, while its caller
// decides the commits that follow.
type prover struct {
	commits  chan decidedCommit
	failed   chan struct{} // closed at the first commit that is not proved
	ended    chan struct{} // closed by the goroutine, after which err and verified do not change
	err      error
	verified Verified
}

// decidedCommit is a commit and the records that deciding its commands again gives.
type decidedCommit struct {
	domain.Commit
	again []domain.Record
}

// startProver starts a prover, which calls proved with the stream position of each proved
// commit. The caller MUST call end.
func startProver(proved func(stream uint64)) *prover {
	p := &prover{
		commits: make(chan decidedCommit, proveAhead), failed: make(chan struct{}), ended: make(chan struct{}),
	}
	go p.run(proved)
	return p
}

func (p *prover) run(proved func(stream uint64)) {
	defer close(p.ended)
	for c := range p.commits {
		if p.err = proveCommit(&c.Commit, c.again); p.err != nil {
			close(p.failed)
			return
		}
		v := &p.verified
		v.Commits, v.Records, v.End = v.Commits+1, v.Records+uint64(len(c.Records)), c.End()
		proved(c.Stream)
	}
}

// prove gives a commit to the prover. It reports false if an earlier commit is not proved.
func (p *prover) prove(c domain.Commit, again []domain.Record) bool {
	select {
	case p.commits <- decidedCommit{c, again}:
		return true
	case <-p.failed:
		return false
	}
}

// end waits for the proofs. It returns the totals of the proved commits, and the error of the first
// commit that is not proved. If there is no such commit, it returns err, the error of the caller.
func (p *prover) end(err error) (Verified, error) {
	close(p.commits)
	<-p.ended
	if p.err != nil {
		return p.verified, p.err
	}
	return p.verified, err
}

// proveCommit returns a *Fault at the first record that differs from the record that deciding its
// command again gives.
func proveCommit(c *domain.Commit, again []domain.Record) error {
	for i := range again {
		r := &c.Records[i]
		if err := proveRecord(r, &again[i]); err != nil {
			return &eventstore.Fault{Stream: c.Stream, Seq: r.Seq, Err: err}
		}
	}
	return nil
}

func proveRecord(r, again *domain.Record) error {
	if wire.Content(&r.Command, r.Unattributed() != nil) != r.Content {
		return errors.New("the content hash does not fit the command")
	}
	recorded, verified := wire.AppendRecord(nil, r), wire.AppendRecord(nil, again)
	if !bytes.Equal(recorded, verified) {
		return fmt.Errorf("the verdict is not reproducible:\nrecorded %s\nverified %s", recorded, verified)
	}
	return nil
}
