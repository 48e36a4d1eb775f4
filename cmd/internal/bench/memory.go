package bench

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

	"authledger/cmd/internal/ingest"
	"authledger/cmd/internal/loadgen"
	"authledger/cmd/internal/node"
	"authledger/cmd/internal/render"
)

// memoryChunk is the number of lines that are generated at once. It is small, so that the
// lines add little to the measured memory.
const memoryChunk = 50_000

// MemoryFigures are the figures of a process that runs only a node.
type MemoryFigures struct {
	Users    int     `json:"users"`
	Records  uint64  `json:"records"`
	HeapMiB  float64 `json:"heapMiB"`
	RSSMiB   float64 `json:"rssMiB"`
	PeakMiB  float64 `json:"peakMiB"`
	LookupMS float64 `json:"lookupP99Ms"`
}

// memory measures the memory of a node with many users in a new process, because this
// process has allocated memory for other measurements.
func (b *run) memory(ctx context.Context) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	child := exec.CommandContext(ctx, program, "bench", "memory", "--data", filepath.Join(b.dir, dirMemory), "--users", strconv.Itoa(b.size.memoryUsers))
	child.Stderr = b.Stderr
	out, err := child.Output()
	if err != nil {
		return fmt.Errorf("measure the memory: %w", err)
	}
	var c MemoryFigures
	if err := json.Unmarshal(out, &c); err != nil {
		return fmt.Errorf("measure the memory: %w", err)
	}
	users := render.Grouped(int64(c.Users))
	b.found(c.LookupMS, "ms", "lockout of a user, p99, %s users", users)
	b.found(c.HeapMiB, "MiB", "heap, %s users, %s records", users, render.Grouped(int64(c.Records)))
	b.found(c.RSSMiB, "MiB", "resident memory, %s users", users)
	b.found(c.PeakMiB, "MiB", "resident memory at its peak, %s users", users)
	b.atMost(goalMemoryBytes / (1 << 20))
	return nil
}

// MeasureMemory fills the ledger of o with logins, and returns the memory that this process
// uses. The process MUST have done no other work before.
func MeasureMemory(ctx context.Context, o node.Options, now time.Time, users int) (m MemoryFigures, err error) {
	n, err := node.Open(ctx, o)
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, n.Close()) }()
	if err := errors.Join(fillMemory(ctx, n, now, users), n.Rows.Flush(ctx)); err != nil {
		return m, err
	}
	m.Records = n.Rows.Position().Seq
	known := userNames(users)
	m.Users = len(known)
	took, err := lookUp(ctx, n, known, min(users, 100_000))
	if err != nil {
		return m, err
	}
	m.LookupMS = milliseconds(percentile(took, 99))
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	m.HeapMiB = float64(stats.HeapAlloc) / (1 << 20)
	m.RSSMiB, m.PeakMiB, err = residentMiB()
	return m, err
}

// fillMemory imports the commands from which userNames takes its names.
func fillMemory(ctx context.Context, n *node.Node, now time.Time, users int) error {
	next, stop := iter.Pull(loadgen.Logins(seed, users, now.UTC().Add(-365*24*time.Hour)))
	defer stop()
	for done := 0; done < commandsPerUser*users; done += memoryChunk {
		in := ingest.Pipeline{Ledger: n.Ledger, Items: slices.Values(ingestItems(next, memoryChunk)), Report: func(*ingest.Batch) error { return nil }}
		if err := in.Run(ctx); err != nil {
			return err
		}
	}
	return nil
}

// residentMiB returns the resident memory of this process, now and at its peak.
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
