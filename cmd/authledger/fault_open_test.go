//go:build faults

package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"testing"
	"time"

	"authledger/eventstore"
)

// faultNode says how these tests open a directory: as a node does.
func faultNode(dir string) nodeOptions {
	level := slog.LevelError + 1 // faults are what they are about
	if os.Getenv("AUTHLEDGER_FAULT_LOG") != "" {
		level = slog.LevelDebug
	}
	return nodeOptions{
		dir: dir, realm: realmDefault, name: "fault",
		log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level})),
	}
}

// openFault is openNode with what a node doesn't let one choose.
func openFault(ctx context.Context, o nodeOptions, change func(*eventstore.Options)) (*node, error) {
	d, err := openDisk(ctx, o)
	if err != nil {
		return nil, err
	}
	options := d.ledgerOptions(d.rows)
	change(&options)
	ledger, err := eventstore.Open(ctx, options)
	if err != nil {
		return nil, errors.Join(err, d.close())
	}
	return &node{disk: d, ledger: ledger}, nil
}

// withFaultNode opens a directory, lets use have it, and closes it cleanly.
func withFaultNode(dir string, use func(context.Context, *node) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	n, err := openNode(ctx, faultNode(dir))
	if err != nil {
		return err
	}
	return errors.Join(use(ctx, n), n.close())
}

// verifyDir proves a directory as `authledger verify` does.
func verifyDir(dir string) (eventstore.Verified, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	d, err := openDisk(ctx, faultNode(dir))
	if err != nil {
		return eventstore.Verified{}, err
	}
	v, err := verifyDisk(ctx, d)
	return v, errors.Join(err, d.close())
}

func verifyDisk(ctx context.Context, d *disk) (v eventstore.Verified, err error) {
	head, err := eventstore.OpenHead(d.options.dir)
	if err != nil {
		return v, err
	}
	defer func() { err = errors.Join(err, head.Close()) }()
	fresh, err := d.rows.OpenNext()
	if err != nil {
		return v, err
	}
	v, err = eventstore.Verify(ctx, d.manifest, d.store, head.At(), fresh, nil)
	return v, errors.Join(err, fresh.Close())
}

// poll looks for a state that nothing announces, until ctx ends.
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

// cliChild is the program itself.
type cliChild struct{ Args []string }

func (c *cliChild) play(*childOut) int {
	dieWithParent(os.Stdin)
	return run(context.Background(), c.Args, eof{}, io.Discard, os.Stderr, func(string) string { return "" })
}

type eof struct{}

func (eof) Read([]byte) (int, error) { return 0, io.EOF }

// fastDir is a directory in memory if there is one: for what is about files and
// not about disks.
func fastDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "authledger-fault-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { must(t, os.RemoveAll(dir)) })
	return dir
}
