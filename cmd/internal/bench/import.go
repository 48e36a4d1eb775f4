package bench

import (
	"bufio"
	"context"
	"errors"
	"iter"
	"os"
	"path/filepath"
	"time"

	"authledger/cmd/internal/ingest"
	"authledger/cmd/internal/loadgen"
	"authledger/cmd/internal/node"
	"authledger/cmd/internal/render"
	"authledger/domain"
	"authledger/eventstore/wire"
)

// imports measures the import, from lines to verdicts, and the start of a node at each length
// of the log.
func (b *run) imports(ctx context.Context) error {
	base := b.Now().UTC().Add(-365 * 24 * time.Hour)
	next, stop := iter.Pull(loadgen.Logins(seed, b.size.users, base))
	defer stop()
	length := 0
	for _, want := range b.size.lengths {
		lines := want - length
		if err := b.writeLines(next, lines); err != nil {
			return err
		}
		rate, err := b.importOnce(ctx, dirMain, lines)
		if err != nil {
			return err
		}
		length = want
		if want == b.size.lengths[len(b.size.lengths)-1] {
			b.found(rate, "commands/s", figureImport+" of %s lines, %s users, %s outstanding: decided, fsynced, folded", render.Grouped(int64(lines)), render.Grouped(int64(b.size.users)), render.Grouped(ingest.OutstandingMax))
			b.atLeast(goalImport)
			b.foundImportCPU()
		}
		if err := b.start(ctx, length); err != nil {
			return err
		}
	}
	return nil
}

// foundImportCPU adds the CPU time of a command of the newest import, on systems where it is measured.
func (b *run) foundImportCPU() {
	if b.importCPU > 0 {
		b.found(float64(b.importCPU)/float64(time.Microsecond), "µs", "CPU time of each command of the import")
		b.atMost(goalImportCPU)
	}
}

// writeLines writes count commands to the file that importOnce imports.
func (b *run) writeLines(next func() (domain.Command, bool), count int) error {
	f, err := os.Create(filepath.Join(b.dir, fileCommands))
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(f, ingest.VerdictBytes)
	var line []byte
	for range count {
		c, _ := next()
		line = append(wire.AppendCommand(line[:0], &c), '\n')
		if _, err := out.Write(line); err != nil {
			return errors.Join(err, f.Close())
		}
	}
	return errors.Join(out.Flush(), f.Close())
}

// ingestItems returns the next count commands as items of an import.
func ingestItems(next func() (domain.Command, bool), count int) []ingest.Item {
	items := make([]ingest.Item, count)
	for i := range items {
		c, _ := next()
		items[i] = ingest.Item{Line: i + 1, Text: wire.AppendCommand(nil, &c)}
	}
	return items
}

// importOnce imports the file of writeLines into a ledger, as the command import does.
func (b *run) importOnce(ctx context.Context, name string, lines int) (rate float64, err error) {
	n, err := node.Open(ctx, b.options(name))
	if err != nil {
		return 0, err
	}
	used, isMeasured := cpuTime()
	begun := time.Now()
	err = b.importFile(ctx, n)
	rate = float64(lines) / time.Since(begun).Seconds()
	if after, ok := cpuTime(); isMeasured && ok {
		b.importCPU = (after - used) / time.Duration(max(lines, 1))
	}
	return rate, errors.Join(err, n.Close())
}

// importFile imports the file that writeLines wrote.
func (b *run) importFile(ctx context.Context, n *node.Node) error {
	f, err := os.Open(filepath.Join(b.dir, fileCommands))
	if err != nil {
		return err
	}
	defer f.Close() // only read from
	in := ingest.Pipeline{Ledger: n.Ledger, Items: ingest.OpenCloudEvents(ctx, ingest.Target{}, []*ingest.Input{{Reader: f}}), Report: allValid}
	return in.Run(ctx)
}

// start measures a start after a clean stop, until the ledger accepts commands.
func (b *run) start(ctx context.Context, length int) error {
	begun := time.Now()
	n, err := node.Open(ctx, b.options(dirMain))
	if err != nil {
		return err
	}
	b.found(time.Since(begun).Seconds(), "s", "start after a clean stop, %s records", render.Grouped(int64(length)))
	b.atMost(goalStart)
	return n.Close()
}
