//go:build faults

package faults

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"testing"
	"time"

	"authledger/cmd/internal/node"
	"authledger/eventstore"
	"authledger/eventstore/audit"
)

// faultNode returns the options of a node for these tests.
func faultNode(dir string) node.Options {
	level := slog.LevelError + 1 // the tests cause errors on purpose
	if os.Getenv("AUTHLEDGER_FAULT_LOG") != "" {
		level = slog.LevelDebug
	}
	return node.Options{
		Dir: dir, Realm: realmDefault, Name: "fault",
		Log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level})),
	}
}

// withFaultNode opens a directory, calls use, and closes it cleanly.
func withFaultNode(dir string, use func(context.Context, *node.Node) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	n, err := node.Open(ctx, faultNode(dir))
	if err != nil {
		return err
	}
	return errors.Join(use(ctx, n), n.Close())
}

// verifyDir verifies a directory as `authledger verify` does.
func verifyDir(dir string) (audit.Verified, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	d, err := node.OpenDirectory(ctx, faultNode(dir))
	if err != nil {
		return audit.Verified{}, err
	}
	v, err := verifyDisk(ctx, d)
	return v, errors.Join(err, d.Close())
}

func verifyDisk(ctx context.Context, d *node.Directory) (v audit.Verified, err error) {
	head, err := eventstore.OpenHead(d.Options.Dir)
	if err != nil {
		return v, err
	}
	defer func() { err = errors.Join(err, head.Close()) }()
	fresh, err := d.Rows.OpenNext()
	if err != nil {
		return v, err
	}
	v, err = audit.Verify(ctx, d.Manifest, d.Store, head.At(), fresh, nil)
	return v, errors.Join(err, fresh.Close())
}

// poll checks a condition every 20 ms until it is true or ctx ends.
func poll(ctx context.Context, there func() bool) bool {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !there() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return false
		}
	}
	return true
}

// fastDir returns a directory in memory if possible, for tests that do not depend on
// the disk.
func fastDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "authledger-fault-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { must(t, os.RemoveAll(dir)) })
	return dir
}
