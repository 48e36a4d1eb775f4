//go:build faults

package faults

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"authledger/cmd/internal/node"
	"authledger/domain"
	"authledger/eventstore/seal"
	"authledger/eventstore/wire"
	"authledger/projections"
)

// model contains the records and answers of an undamaged directory.
type model struct {
	end     domain.Position
	ledger  string
	records [][]byte // encoded, from seq 1
	sealed  []secret
	users   map[string]domain.User
	rows    *projections.Engine
	close   func() error
}

// secret is the personal data of a record before it was sealed.
type secret struct {
	aad    seal.AAD
	sealed seal.Sealed
	plain  []byte
}

// newModel reads a copy of the base and keeps its rows open.
func newModel(ctx context.Context, from, dir string) (*model, error) {
	if err := copyDir(dir, from); err != nil {
		return nil, err
	}
	n, err := node.Open(ctx, faultNode(dir))
	if err != nil {
		return nil, err
	}
	m := &model{end: n.Rows.Position(), ledger: n.Manifest.LedgerID, rows: n.Rows, close: n.Close}
	for r, err := range n.Ledger.Records(ctx, 1, 0, false) {
		if err != nil {
			return nil, err
		}
		m.records = append(m.records, wire.AppendRecord(nil, r))
		if err := m.reveal(n.Keys, r); err != nil {
			return nil, err
		}
	}
	m.users, err = naiveFold(n.Ledger.Records(ctx, 1, 0, false))
	return m, errors.Join(err, checkFold(ctx, n))
}

func (m *model) reveal(keys *seal.Store, r *domain.Record) error {
	if r.Personal == nil {
		return nil
	}
	s := secret{
		aad: seal.AAD{Ledger: m.ledger, Source: r.Command.Source, ID: r.Command.ID},
		sealed: seal.Sealed{Slot: r.Personal.Slot, KID: r.Personal.KID, Nonce: r.Personal.Nonce,
			Ciphertext: r.Personal.Ciphertext},
	}
	var err error
	if s.plain, err = keys.Unseal(s.aad, s.sealed); err != nil {
		return err
	}
	m.sealed = append(m.sealed, s)
	return nil
}

// compare reads everything that n serves. A difference is errWrongAnswer. compare
// returns the error of a read unchanged.
func (m *model) compare(ctx context.Context, n *node.Node) error {
	if err := m.compareRecords(ctx, n); err != nil {
		return err
	}
	for i := 0; i < len(m.records); i += len(m.records)/40 + 1 {
		r, err := n.Ledger.Record(ctx, uint64(i+1))
		if err != nil {
			return err
		}
		if !bytes.Equal(wire.AppendRecord(nil, &r), m.records[i]) {
			return fmt.Errorf("%w: record %d, read alone, differs", errWrongAnswer, i+1)
		}
	}
	if err := checkUsers(ctx, n.Rows, n.Queries, m.users); err != nil {
		return err
	}
	return compareRows(ctx, n.Rows, m.rows)
}

// compareRows compares all rows key by key. It ignores a difference that a failed
// read caused.
func compareRows(ctx context.Context, a, b *projections.Engine) error {
	difference, err := projections.Compare(ctx, a, b)
	if err == nil && difference != nil {
		err = fmt.Errorf("%w: rows: got a difference, want none: %v", errWrongAnswer, difference)
	}
	return err
}

func (m *model) compareRecords(ctx context.Context, n *node.Node) error {
	count := 0
	for r, err := range n.Ledger.Records(ctx, 1, 0, false) {
		if err != nil {
			return err
		}
		if count >= len(m.records) || !bytes.Equal(wire.AppendRecord(nil, r), m.records[count]) {
			return fmt.Errorf("%w: record %d differs", errWrongAnswer, count+1)
		}
		count++
	}
	if count != len(m.records) {
		return fmt.Errorf("%w: got %d records, want %d", errWrongAnswer, count, len(m.records))
	}
	return nil
}

// compareSealed opens the personal data. Data that can't be opened is an error, but
// not a wrong answer.
func (m *model) compareSealed(d *node.Directory) error {
	var notOpened error
	for i := range m.sealed {
		s := &m.sealed[i]
		plain, err := d.Keys.Unseal(s.aad, s.sealed)
		if err != nil {
			notOpened = err
			continue
		}
		if !bytes.Equal(plain, s.plain) {
			return fmt.Errorf("%w: other personal data in %s/%s", errWrongAnswer, s.aad.Source, s.aad.ID)
		}
	}
	return notOpened
}

// appendNext submits one more command, which must become the next record.
func (m *model) appendNext(ctx context.Context, n *node.Node) error {
	c := domain.Command{Source: "gateway/after", ID: "1", Time: time.Now().UTC(), Backfill: true,
		Data: &domain.LoginReport{User: "newcomer", Outcome: domain.Succeeded}}
	v, err := n.Ledger.Do(ctx, c)
	if err != nil {
		return err
	}
	if v.Seq != m.end.Seq+1 || v.Status != domain.Accepted {
		return fmt.Errorf("the next record: got %d (%s), want %d", v.Seq, v.Status, m.end.Seq+1)
	}
	return nil
}
