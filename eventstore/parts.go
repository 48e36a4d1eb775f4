package eventstore

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"

	"authledger/domain"
	"authledger/eventstore/seal"
)

// Bounds of the sample of personal data that Bind opens: the newest commits that it reads, and
// the records of these commits whose personal data it opens.
const (
	sampleCommits = 8
	sampleRecords = 64
)

// Parts are the parts of a data directory. All of them must belong to one ledger.
type Parts struct {
	Dir      string // of the data directory
	Manifest Manifest
	Log      Reader
	Keys     *seal.Store
	GiveUp   bool // the operator accepts that keys are missing
	Warn     *slog.Logger
}

// Bind proves that the manifest, the log and the keys belong to one ledger, and that no
// key is missing: the key file must hold at least the number of keys in the head, and the
// newest personal data must open. A key file of an older program names no ledger; Bind
// binds it to this ledger if the keys open its personal data or the log holds none. Bind
// returns a *Fault for a part of another ledger. It writes the binding of the keys and
// nothing else.
func (p Parts) Bind(ctx context.Context) error {
	last, err := p.Log.Last(ctx)
	if err != nil {
		return fmt.Errorf("find the log's end: %w", err)
	}
	binding, bound := p.Keys.Binding()
	if err := p.checkIDs(ctx, last, domain.Hash(binding.Ledger), bound); err != nil {
		return err
	}
	if !bound {
		if err := p.proveKeys(ctx); err != nil {
			return err
		}
		binding.Ledger = Genesis(p.Manifest.LedgerID)
	}
	missing, err := p.missing(ctx, binding.GivenUp, last)
	switch {
	case err != nil:
		return err
	case missing != nil && !p.GiveUp:
		return missing
	case missing != nil:
		p.Warn.Warn("missing keys are given up: personal data under them stays sealed", "up to stream position", last, "cause", missing.Err)
		binding.GivenUp = last
	case bound:
		return nil
	}
	return p.Keys.Bind(binding)
}

// checkIDs compares the ledger's id in the manifest with the first commit of the log and
// with the binding of the keys.
func (p Parts) checkIDs(ctx context.Context, last uint64, keys domain.Hash, bound bool) error {
	manifest := Genesis(p.Manifest.LedgerID)
	log := manifest
	if last > 0 {
		first, err := p.Log.Get(ctx, 1)
		if err != nil {
			return fmt.Errorf("read the first commit: %w", err)
		}
		c, err := ReadCommit(p.Manifest.Realm, first)
		if err != nil {
			return &Fault{Stream: 1, Err: err}
		}
		log = c.Prev
	}
	path := filepath.Join(p.Dir, manifestName)
	switch {
	case log == manifest && (!bound || keys == manifest):
		return nil
	case log == manifest:
		return foreign("%s holds the keys of another ledger than the one in %s", p.Keys.Path(), path)
	case bound && keys == log:
		return foreign("%s names another ledger than the log and the keys", path)
	case bound && keys == manifest:
		return foreign("the log in %s belongs to another ledger than %s and the keys", p.Dir, path)
	}
	return foreign("%s names another ledger than the log in %s", path, p.Dir)
}

func foreign(format string, args ...any) *Fault {
	return &Fault{Err: fmt.Errorf("%s: restore that part from a backup of this ledger, then run `authledger verify`", fmt.Sprintf(format, args...))}
}

// proveKeys returns a *Fault unless the keys open the first personal data in the log whose key
// was not given up. It accepts any keys for a log without personal data, because no data of
// that log needs a key.
func (p Parts) proveKeys(ctx context.Context) error {
	for m, err := range p.Log.Read(ctx, 1) {
		if err != nil {
			return fmt.Errorf("read the log: %w", err)
		}
		c, err := ReadCommit(p.Manifest.Realm, m)
		if err != nil {
			return &Fault{Stream: m.Stream, Err: err}
		}
		for i := range c.Records {
			r := &c.Records[i]
			if r.Personal == nil {
				continue
			}
			_, err := openSealed(p.Keys, p.Manifest.LedgerID, r)
			switch {
			case errors.Is(err, seal.ErrGivenUp):
				continue
			case errors.Is(err, ErrKeyMissing):
				return foreign("%s can't open the personal data of record %d (%v): these are the keys of another ledger", p.Keys.Path(), r.Seq, err)
			case err != nil && !errors.Is(err, ErrErased):
				return err
			}
			return nil
		}
	}
	return nil
}

// lacksKeys adds the advice for the operator to the finding that the directory path lacks keys.
func lacksKeys(path string, err error) error {
	return fmt.Errorf("%s lacks keys of this ledger, as an older copy does: %w: %s", path, err, restoreKeys(path))
}

// wantKeys returns an error if there are fewer keys than the head states. It accepts missing keys of commits up
// to the stream position givenUp.
func (h *Head) wantKeys(keys, givenUp uint64) error {
	if h.keys > keys && h.at.Stream > givenUp {
		return fmt.Errorf("the directory holds %d keys, and the head states %d", keys, h.keys)
	}
	return nil
}

// CheckCopied returns a *Fault if the keys that were copied from the directory path after the head was read are
// fewer than the head states.
func (h *Head) CheckCopied(path string, c seal.Copied) error {
	if err := h.wantKeys(c.Keys, c.GivenUp); err != nil {
		return &Fault{Err: lacksKeys(path, err)}
	}
	return nil
}

// missing returns a *Fault if the key file lacks keys of this ledger, for example because it is
// an older copy. It accepts missing keys of commits up to the stream position givenUp.
func (p Parts) missing(ctx context.Context, givenUp, last uint64) (*Fault, error) {
	older := func(stream, seq uint64, err error) *Fault {
		return &Fault{Stream: stream, Seq: seq, Err: lacksKeys(p.Keys.Path(), err)}
	}
	head, err := ReadHead(p.Dir)
	switch {
	case errors.As(err, new(*Fault)): // the head is lost or damaged: Open reports that
	case err != nil:
		return nil, err
	}
	if err == nil {
		if err := head.wantKeys(p.Keys.Durable(), givenUp); err != nil {
			return older(0, 0, err), nil
		}
	}
	for stream, records := last, 0; stream > givenUp && last-stream < sampleCommits && records < sampleRecords; stream-- {
		m, err := p.Log.Get(ctx, stream)
		if err != nil {
			return nil, fmt.Errorf("read the newest commits: %w", err)
		}
		c, err := ReadCommit(p.Manifest.Realm, m)
		if err != nil {
			return nil, &Fault{Stream: stream, Err: err}
		}
		for i := range c.Records {
			r := &c.Records[i]
			if r.Personal == nil {
				continue
			}
			records++
			_, err := openSealed(p.Keys, p.Manifest.LedgerID, r)
			switch {
			case errors.Is(err, seal.ErrGivenUp), errors.Is(err, ErrErased), err == nil:
			case errors.Is(err, ErrKeyMissing):
				return older(stream, r.Seq, err), nil
			default:
				return nil, err
			}
		}
	}
	return nil, nil
}
