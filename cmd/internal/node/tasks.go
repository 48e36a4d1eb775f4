package node

import (
	"context"
	"errors"
	"fmt"
	"time"

	"authledger/adapters/httpapi"
	"authledger/domain"
	"authledger/eventstore"
	"authledger/eventstore/audit"
	"authledger/projections"
)

// tasks runs the tasks of the HTTP interface on a node. Each task reads the block files of the log
// while the node serves its callers, and [audit.Pace] limits the share of time of the task. RotateKeys
// reads no log.
type tasks struct{ *Node }

// Verify verifies the log up to the newest position at the call or a later one, and compares the
// rows of the node with a second fold of the log.
func (t tasks) Verify(ctx context.Context, progress func(at, last uint64)) (_ httpapi.Verified, err error) {
	begun := time.Now()
	head, err := eventstore.HeadAt(t.Options.Dir)
	if err != nil {
		return nil, err
	}
	if err := t.Rows.Wait(ctx, head.Seq); err != nil {
		return nil, err
	}
	fresh, err := t.Rows.OpenFresh()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, fresh.Close()) }()
	sealed := eventstore.NewSealedCheck(t.Manifest, t.Keys)
	b := audit.Beside{Manifest: t.Manifest, State: t.Rows, Head: head, Files: t.OpenLogFiles, Verified: sealed.Add, Progress: progress}
	proved, err := b.Verify(ctx, fresh)
	if err != nil {
		return nil, err
	}
	if err := sealed.Err(); err != nil {
		return nil, err
	}
	return NewVerified(t.Directory, proved, head, sealed, time.Since(begun)), nil
}

// Rebuild folds the log into a new generation of projections, which the next start of the node
// opens. The node answers from its present generation until then.
func (t tasks) Rebuild(ctx context.Context, progress func(at, last uint64)) (any, error) {
	begun := time.Now()
	next, err := t.Rows.OpenNext()
	if err != nil {
		return nil, err
	}
	records, err := t.fill(ctx, next, progress)
	if err = errors.Join(err, next.Close()); err != nil {
		return nil, fmt.Errorf("rebuild: %w", err)
	}
	return NewRebuilt(records, time.Since(begun)), nil
}

// fill folds the log into next, up to the newest position at the call, and makes next the
// generation of the next start.
func (t tasks) fill(ctx context.Context, next *projections.Engine, progress func(at, last uint64)) (records uint64, err error) {
	last := t.Rows.Position().Stream
	if last > 0 {
		if err := t.foldTo(ctx, next, last, progress); err != nil {
			return 0, err
		}
	}
	if err := next.Switch(ctx); err != nil {
		return 0, err
	}
	return next.Position().Seq, nil
}

func (t tasks) foldTo(ctx context.Context, next *projections.Engine, last uint64, progress func(at, last uint64)) (err error) {
	files, err := t.OpenLogFiles(ctx, last)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, files.Close()) }()
	var pace audit.Pace
	for c, err := range eventstore.Commits(ctx, t.Manifest, files, domain.Position{}) {
		if err == nil {
			err = next.Fold(&c)
		}
		if err != nil {
			return err
		}
		progress(c.Stream, last)
		pace.Wait(ctx)
	}
	return ctx.Err()
}

// RotateKeys changes to the next master key.
func (t tasks) RotateKeys(context.Context) (any, error) { return t.Directory.RotateKeys() }

// WhatIf decides the records again under a policy.
func (t tasks) WhatIf(ctx context.Context, policy *domain.Policy, from, to uint64, differs func(any) error, progress func(at, last uint64)) (any, error) {
	w := audit.WhatIf{Policy: policy, From: from, To: to, Differs: func(was *domain.Record, would *domain.Decision) error {
		return differs(audit.NewDifference(was, would))
	}}
	supposed, err := t.suppose(ctx, w, progress)
	if err != nil {
		return nil, err
	}
	return NewSupposed(supposed), nil
}

// suppose decides the records again on temporary rows, up to the newest position at the call.
func (t tasks) suppose(ctx context.Context, w audit.WhatIf, progress func(at, last uint64)) (_ audit.Supposed, err error) {
	last := t.Rows.Position().Stream
	if last == 0 {
		return audit.Supposed{}, nil
	}
	files, err := t.OpenLogFiles(ctx, last)
	if err != nil {
		return audit.Supposed{}, err
	}
	defer func() { err = errors.Join(err, files.Close()) }()
	fresh, err := t.Rows.OpenFresh()
	if err != nil {
		return audit.Supposed{}, err
	}
	defer func() { err = errors.Join(err, fresh.Close()) }()
	var pace audit.Pace
	supposed, err := audit.Suppose(ctx, t.Manifest, files, fresh, w, func(at, last uint64) {
		progress(at, last)
		pace.Wait(ctx)
	})
	return supposed, errors.Join(err, ctx.Err())
}
