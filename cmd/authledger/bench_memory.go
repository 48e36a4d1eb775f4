package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"authledger/adapters/traffic"
)

// crowdChunk is how many lines are made at once, so that the making does not
// count for much in the memory that is measured.
const crowdChunk = 50_000

// crowdFigures are what a node of its own found about its memory.
type crowdFigures struct {
	Users    int     `json:"users"`
	Records  uint64  `json:"records"`
	HeapMiB  float64 `json:"heapMiB"`
	RSSMiB   float64 `json:"rssMiB"`
	PeakMiB  float64 `json:"peakMiB"`
	LookupMS float64 `json:"lookupP99Ms"`
}

// crowd measures the memory of a node with very many users, in a process of its
// own: this one has measured too much else.
func (b *bench) crowd(ctx context.Context) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	child := exec.CommandContext(ctx, program, "bench", "crowd", "--data", filepath.Join(b.dir, benchCrowd), "--users", strconv.Itoa(b.size.crowd))
	child.Stderr = b.program.errs
	out, err := child.Output()
	if err != nil {
		return fmt.Errorf("measure the memory: %w", err)
	}
	var c crowdFigures
	if err := json.Unmarshal(out, &c); err != nil {
		return fmt.Errorf("measure the memory: %w", err)
	}
	users := grouped(int64(c.Users))
	b.found(c.LookupMS, "ms", "lockout of a user, p99, %s users", users)
	b.found(c.HeapMiB, "MiB", "heap, %s users, %s records", users, grouped(int64(c.Records)))
	b.found(c.RSSMiB, "MiB", "resident memory, %s users", users)
	b.found(c.PeakMiB, "MiB", "resident memory at its peak, %s users", users)
	b.atMost(goalMemoryBytes / (1 << 20))
	return nil
}

// newCrowdCommand is the process whose memory is measured.
func newCrowdCommand(p *program) *cobra.Command {
	var users int
	c := &cobra.Command{
		Use: "crowd", Hidden: true, Args: noArguments, Short: "the memory of a node with many users",
		RunE: func(c *cobra.Command, _ []string) error { return p.measureCrowd(c.Context(), users) },
	}
	c.Flags().IntVar(&users, "users", 1_000_000, "how many")
	return c
}

func (p *program) measureCrowd(ctx context.Context, users int) error {
	n, err := openNode(ctx, p.nodeOptions())
	if err != nil {
		return err
	}
	if err := errors.Join(p.fillCrowd(ctx, n, users), n.rows.Flush(ctx)); err != nil {
		return errors.Join(err, n.close())
	}
	c := crowdFigures{Records: n.rows.Position().Seq}
	known := benchUsers(users)
	c.Users = len(known)
	took, err := lookUp(ctx, n, known, min(users, 100_000))
	c.LookupMS = milliseconds(percentile(took, 99))
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	c.HeapMiB = float64(m.HeapAlloc) / (1 << 20)
	rss, peak, err2 := residentMiB()
	c.RSSMiB, c.PeakMiB = rss, peak
	return errors.Join(err, err2, p.writeJSON(c), n.close())
}

// fillCrowd imports as many commands as benchUsers asks for.
func (p *program) fillCrowd(ctx context.Context, n *node, users int) error {
	next, stop := iter.Pull(traffic.Bench(benchSeed, users, p.now().UTC().Add(-365*24*time.Hour)))
	defer stop()
	for done := 0; done < benchAsked*users; done += crowdChunk {
		in := intake{ledger: n.ledger, items: slices.Values(benchItems(next, crowdChunk)), heard: func(*batch) error { return nil }}
		if err := in.run(ctx); err != nil {
			return err
		}
	}
	return nil
}

// residentMiB is what the system says that this process holds, now and at most.
func residentMiB() (now, peak float64, err error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, 0, fmt.Errorf("read the resident memory: %w", err)
	}
	field := func(name string) float64 {
		_, rest, _ := bytes.Cut(status, []byte("\n"+name+":"))
		var kib float64
		if _, scan := fmt.Sscanf(string(rest), "%f kB", &kib); scan != nil {
			err = errors.Join(err, fmt.Errorf("read %s of this process: %w", name, scan))
		}
		return kib / 1024
	}
	return field("VmRSS"), field("VmHWM"), err
}
