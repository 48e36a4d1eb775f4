//go:build faults

package faults

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"authledger/cmd/internal/node"
	"authledger/domain"
)

var injectErrors = []syscall.Errno{syscall.EACCES, syscall.EIO, syscall.EMFILE, syscall.ENOMEM}

const (
	injectRecords = 1_200 // of injectNote: three blocks
	injectNote    = 2_000 // control characters, which take six bytes in JSON
	injectWorkers = 2
	injectWithin  = 3 * time.Minute
	injectMin     = 100 // cases in which the system reported an error
)

// injection is one run of a command during which the system reports errors for a file.
type injection struct {
	program string
	command string
	file    func(dir string) string
	index   bool   // whether index.db exists
	call    string // open or read
	errno   syscall.Errno
	when    string // the calls of each thread that fail: "" for all, see strace(1)

	flags []string                        // of the command, besides --data
	later func(program, dir string) error // checks the directory without the error
	keeps func(name string) (isKept bool) // reports whether the command may remove no byte of a file
}

func (i *injection) String() string {
	return fmt.Sprintf("%s: %s %s: %s, calls %q, index.db %v", i.command, i.call, i.file(""),
		errnoName(i.errno), i.when, i.index)
}

func errnoName(e syscall.Errno) string {
	return map[syscall.Errno]string{syscall.EACCES: "EACCES", syscall.EIO: "EIO", syscall.EMFILE: "EMFILE",
		syscall.ENOMEM: "ENOMEM"}[e]
}

// injections returns every combination of command, block, state of index.db, call and
// error. The failing calls alternate: first those of the guard, then of the server,
// then of the scrub.
func injections(program string) (all []injection) {
	whens := []string{"", "2", "3", "4+"}
	for _, command := range []string{"serve", "verify", "replay", "do"} {
		for block := 1; block <= 3; block++ {
			for _, index := range []bool{true, false} {
				for c, call := range []string{"open", "read"} {
					for e, errno := range injectErrors {
						when := whens[(e+c+block+len(command))%len(whens)]
						file := func(dir string) string { return injectBlock(dir, block) }
						all = append(all, injection{program: program, command: command, file: file,
							index: index, call: call, errno: errno, when: when, later: checkLaterCommand,
							keeps: everyFile})
					}
				}
			}
		}
	}
	return all
}

// TestFaultInject has the system report EACCES, EIO, EMFILE or ENOMEM when a command opens
// or reads a block. No file of the log may lose a byte, the exit code must not report
// damage, and the ledger must work without the error.
func TestFaultInject(t *testing.T) {
	wantStrace(t)
	base := filepath.Join(fastDir(t), "base")
	must(t, withFaultNode(base, fillNotes))
	for block := 1; block <= 3; block++ {
		_, err := os.Stat(injectBlock(base, block))
		must(t, err)
	}
	tryInjections(t, base, injections(program(t)), injectMin)
}

// tryInjections tries each case on copies of base. At least least of them must have an injected error.
func tryInjections(t *testing.T, base string, cases []injection, least int) {
	t.Helper()
	begun := time.Now()
	jobs := make(chan injection)
	var count injectCount
	var all sync.WaitGroup
	for range injectWorkers {
		copiesDir := fastDir(t)
		all.Go(func() {
			for i := range jobs {
				code, injected, err := i.try(filepath.Join(copiesDir, "case"), base)
				count.add(code, injected, err)
				if err != nil {
					t.Errorf("%v: got exit code %d, %d injected errors: %v", &i, code, injected, err)
				}
			}
		})
	}
	for _, i := range cases {
		jobs <- i
	}
	close(jobs)
	all.Wait()
	announce("%s: %d cases, %d with an error injected, %d that lost a byte of the log or failed "+
		"otherwise; cases by exit code %v; %v",
		t.Name(), len(cases), count.injected, count.failed, count.codes, time.Since(begun).Round(time.Second))
	if count.injected < least {
		t.Errorf("cases with an injected error: got %d, want at least %d", count.injected, least)
	}
}

// injectCount counts the cases by exit code. It is safe for concurrent use.
type injectCount struct {
	mu       sync.Mutex
	codes    map[int]int
	injected int
	failed   int
}

func (c *injectCount) add(code, injected int, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.codes == nil {
		c.codes = make(map[int]int)
	}
	c.codes[code]++
	if injected > 0 {
		c.injected++
	}
	if err != nil {
		c.failed++
	}
}

func wantStrace(t *testing.T) {
	t.Helper()
	out, err := exec.Command("strace", "-f", "-qq", "-o", os.DevNull, "-e", "trace=openat",
		"true").CombinedOutput()
	if err != nil {
		notRun(t, fmt.Sprintf("strace injects the errors: %v %s", err, out))
	}
}

func everyFile(string) bool { return true }

func injectBlock(dir string, block int) string {
	return filepath.Join(dir, node.LogDir, "jetstream", "$G", "streams", "LEDGER_"+realmDefault, "msgs",
		fmt.Sprint(block, ".blk"))
}

// fillNotes records long notes, so that a short log takes several blocks.
func fillNotes(ctx context.Context, n *node.Node) error {
	note := strings.Repeat("\x01", injectNote)
	for i := range injectRecords {
		v, err := n.Ledger.Do(ctx, domain.Command{
			Source: "gw", ID: fmt.Sprint(i), Time: baseBegin.Add(time.Duration(i) * time.Second), Backfill: true,
			Data: &domain.SharingReview{Sharing: "s", Officer: "o", Decision: "approve", Note: note},
		})
		if err != nil || v.Status == domain.Invalid {
			return fmt.Errorf("record a note: got %v %s %s, want a recorded verdict: %w", v.Status, v.Reason, v.Detail,
				err)
		}
	}
	return nil
}

// try runs the case on a copy of base. It returns an error for a violation.
func (i *injection) try(dir, base string) (code, injected int, err error) {
	if err := errors.Join(os.RemoveAll(dir), copyDir(dir, base)); err != nil {
		return 0, 0, err
	}
	if !i.index {
		if err := removeIndex(dir); err != nil {
			return 0, 0, err
		}
	}
	before, err := logBytes(dir)
	if err != nil {
		return 0, 0, err
	}
	code, injected, stderr := i.run(dir)
	after, err := logBytes(dir)
	if err != nil {
		return code, injected, err
	}
	maps.DeleteFunc(before, func(name string, _ []byte) bool { return !i.keeps(name) })
	err = errors.Join(lostBytes(before, after), i.wantCode(code, injected, stderr), i.later(i.program, dir))
	return code, injected, err
}

// wantCode returns an error unless the exit code is that of a shortage, or of success if
// not every call failed.
func (i *injection) wantCode(code, injected int, stderr string) error {
	switch {
	case code == exitFailed && strings.Contains(stderr, i.errno.Error()):
		return nil
	case code == exitDone && (i.when != "" || injected == 0):
		return nil
	}
	return fmt.Errorf("got exit code %d, want that of a shortage and a message about the shortage:\n%s", code,
		stderr)
}

// logBytes returns the bytes of every file of the server by its path, except index.db, which the
// server can derive from the other files.
func logBytes(dir string) (map[string][]byte, error) {
	all := make(map[string][]byte)
	root := filepath.Join(dir, node.LogDir, "jetstream")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == "index.db" {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		all[name], err = os.ReadFile(path)
		return err
	})
	return all, err
}

// lostBytes names the files that lost a byte. The server may replace an empty block.
func lostBytes(before, after map[string][]byte) (all error) {
	for name, was := range before {
		if is, exists := after[name]; !exists && len(was) > 0 || !bytes.HasPrefix(is, was) {
			all = errors.Join(all,
				fmt.Errorf("%s: got %d bytes, want the former %d as a prefix (exists: %v)", name, len(is),
					len(was), exists))
		}
	}
	return all
}

// checkLaterCommand runs a command, and checks that the ledger has all records.
func checkLaterCommand(program, dir string) error {
	ctx, cancel := context.WithTimeout(context.Background(), injectWithin)
	defer cancel()
	if out, err := injectCommand(ctx, program, "do", dir).CombinedOutput(); err != nil {
		return fmt.Errorf("do, without the error: %w: %s", err, out)
	}
	c := injectCommand(ctx, program, "verify", dir)
	var stderr bytes.Buffer
	c.Stderr = &stderr
	out, err := c.Output()
	if err != nil {
		return fmt.Errorf("verify, without the error: %w: %s", err, &stderr)
	}
	var v struct{ Records uint64 }
	if err := json.Unmarshal(out, &v); err != nil {
		return err
	}
	if v.Records != injectRecords+1 {
		return fmt.Errorf("without the error: got %d records, want %d", v.Records, injectRecords+1)
	}
	return nil
}
