package backup

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"authledger/eventstore"
	"authledger/eventstore/memory"
)

// testLog is a log of commits with valid headers.
type testLog struct {
	t      *testing.T
	ledger eventstore.Manifest
	store  *memory.Store
	data   [][]byte
}

func newTestLog(t *testing.T, commits int) *testLog {
	t.Helper()
	l := &testLog{t: t, ledger: eventstore.NewManifest("main", "{}"), store: memory.New()}
	l.grow(commits, "")
	return l
}

// grow appends commits of one record each. The text is a part of the record.
func (l *testLog) grow(commits int, text string) {
	l.t.Helper()
	for range commits {
		n := len(l.data)
		prev := [32]byte(eventstore.Genesis(l.ledger.LedgerID))
		if n > 0 {
			prev = sha256.Sum256(l.data[n-1])
		}
		data := fmt.Appendf(nil, `{"v":1,"rules":2,"realm":"main","first":%d,"count":1,"prev":"%x",`+
			`"time":"2026-03-02T15:09:00Z","node":"a"}`+"\n"+`{"seq":%[1]d,"text":"%[3]s"}`+"\n", n+1, prev, text)
		must(l.t, <-l.store.Append(l.t.Context(), data, uint64(n)))
		l.data = append(l.data, data)
	}
}

func (l *testLog) options() Options {
	epoch := func() time.Time { return time.Unix(0, 0) }
	return Options{Ledger: l.ledger, Log: l.store, Through: ToEnd, Now: epoch}
}

func (l *testLog) backUp(dir string) Result {
	l.t.Helper()
	r, err := ToDirectory(l.t.Context(), dir, l.options())
	must(l.t, err)
	return r
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// readAll returns the commits of a backup.
func readAll(ctx context.Context, b *Backup, err error) (all [][]byte, _ error) {
	if err != nil {
		return nil, err
	}
	for m, err := range b.Commits(ctx) {
		if err != nil {
			return all, err
		}
		all = append(all, m.Data)
	}
	return all, nil
}

func readDirectory(t *testing.T, dir string) ([][]byte, error) {
	b, err := OpenDirectory(dir)
	return readAll(t.Context(), b, err)
}

func wantCommits(t *testing.T, got, want [][]byte) {
	t.Helper()
	if !bytes.Equal(bytes.Join(got, nil), bytes.Join(want, nil)) || len(got) != len(want) {
		t.Errorf("commits of the backup: got %d, want the %d of the log, byte for byte", len(got), len(want))
	}
}

func names(t *testing.T, dir string) (all []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	must(t, err)
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func TestToDirectory_AddsNewCommits(t *testing.T) {
	l, dir := newTestLog(t, 0), filepath.Join(t.TempDir(), "backup")
	for _, grow := range []int{0, 3, 0, 4} {
		l.grow(grow, "")
		r := l.backUp(dir)
		end := uint64(len(l.data))
		if r.Commits != uint64(grow) || r.End.Stream != end {
			t.Errorf("backup of %d more commits: got %+v, want them", grow, r)
		}
		got, err := readDirectory(t, dir)
		must(t, err)
		wantCommits(t, got, l.data)
	}
	want := "000000000001-000000000007.commits backup.json ledger.json"
	if got := strings.Join(names(t, dir), " "); got != want {
		t.Errorf("files: got %s, want %s", got, want)
	}
}

// TestToDirectory_RepairsTheManifestOfTheLedger checks that a backup that reports success can be restored.
func TestToDirectory_RepairsTheManifestOfTheLedger(t *testing.T) {
	for name, change := range map[string]func(path string) error{
		"missing": os.Remove,
		"damaged": func(path string) error { return os.WriteFile(path, []byte("{}"), 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			l, dir := newTestLog(t, 3), t.TempDir()
			l.backUp(dir)
			must(t, change(filepath.Join(dir, ledgerName)))
			l.backUp(dir)
			got, err := readDirectory(t, dir)
			must(t, err)
			wantCommits(t, got, l.data)
		})
	}
}

// TestOpenDirectory_MistypedPath checks that a wrong argument is no damage.
func TestOpenDirectory_MistypedPath(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ledger.tar")
	must(t, os.WriteFile(file, nil, 0o600))
	for path, want := range map[string]string{
		file:                           "restore an archive with `authledger restore - <FILE`",
		filepath.Join(file, "nowhere"): "open the directory of the backup",
		file + ".absent":               "open the directory of the backup",
	} {
		_, err := OpenDirectory(path)
		if err == nil || !strings.Contains(err.Error(), want) || errors.As(err, new(*DamageError)) {
			t.Errorf("%s: got %v, want %q and no DamageError", filepath.Base(path), err, want)
		}
	}
}

func TestToDirectory_BoundsSegments(t *testing.T) {
	l, dir := newTestLog(t, 0), t.TempDir()
	l.grow(150, strings.Repeat("x", 127<<10)) // 18.6 MiB
	l.backUp(dir)
	l.grow(150, strings.Repeat("y", 127<<10))
	l.backUp(dir)
	m, err := decodeManifest("", read(t, filepath.Join(dir, manifestName)))
	must(t, err)
	if len(m.Segments) != 3 || m.Segments[0].Bytes < segmentBytesMax || m.Segments[1].Bytes < segmentBytesMax {
		t.Errorf("segments of 37 MiB: got %+v, want two of 16 MiB and the rest", m.Segments)
	}
	got, err := readDirectory(t, dir)
	must(t, err)
	wantCommits(t, got, l.data)
}

func TestToDirectory_EndsWithTheAcknowledgedRecord(t *testing.T) {
	l, dir := newTestLog(t, 5), t.TempDir()
	o := l.options()
	o.Through = 3
	for range 2 { // the second one adds nothing
		r, err := ToDirectory(t.Context(), dir, o)
		must(t, err)
		if r.End.Seq != 3 {
			t.Errorf("end: got record %d, want 3", r.End.Seq)
		}
	}
	o.Through = 6
	var fault *eventstore.Fault
	if _, err := ToDirectory(t.Context(), dir, o); !errors.As(err, &fault) || fault.Seq != 6 {
		t.Errorf("log without the acknowledged record 6: got %v, want a fault at record 6", err)
	}
	got, err := readDirectory(t, dir)
	must(t, err)
	wantCommits(t, got, l.data[:3])
}

func TestToDirectory_Refuses(t *testing.T) {
	for name, c := range map[string]struct {
		change func(t *testing.T, l *testLog, dir string)
		want   string
	}{
		"the backup of another ledger": {func(t *testing.T, l *testLog, dir string) {
			l.ledger = eventstore.NewManifest("main", "{}")
		}, "holds the backup of another ledger"},
		"the segments of another ledger": {func(t *testing.T, l *testLog, dir string) {
			must(t, os.Remove(filepath.Join(dir, manifestName)))
			l.ledger = eventstore.NewManifest("main", "{}")
		}, "holds files of another ledger"},
		"a log that lost its end": {func(t *testing.T, l *testLog, dir string) {
			l.store, l.data = memory.New(), nil
			l.grow(2, "")
		}, "the log ends at stream position 2, but the backup"},
		"another history": {func(t *testing.T, l *testLog, dir string) {
			l.store, l.data = memory.New(), nil
			l.grow(5, "other")
		}, "the commit there is not the commit in the backup"},
		"a damaged last segment": {func(t *testing.T, l *testLog, dir string) {
			flip(t, filepath.Join(dir, "000000000001-000000000003.commits"), 300)
			l.grow(1, "")
		}, "stream position 2: the commit is damaged"},
		"a missing segment": {func(t *testing.T, l *testLog, dir string) {
			must(t, os.Remove(filepath.Join(dir, "000000000001-000000000003.commits")))
		}, "the segment is missing"},
		"a damaged manifest": {func(t *testing.T, l *testLog, dir string) {
			flip(t, filepath.Join(dir, manifestName), 30)
		}, "the manifest of the backup is damaged"},
		"a directory with other files": {func(t *testing.T, l *testLog, dir string) {
			must(t, os.Remove(filepath.Join(dir, manifestName)))
			must(t, os.WriteFile(filepath.Join(dir, "letter.txt"), nil, 0o600))
		}, "holds the file letter.txt"},
	} {
		t.Run(name, func(t *testing.T) {
			l, dir := newTestLog(t, 3), t.TempDir()
			l.backUp(dir)
			c.change(t, l, dir)
			before := names(t, dir)
			_, err := ToDirectory(t.Context(), dir, l.options())
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if got := names(t, dir); strings.Join(got, " ") != strings.Join(before, " ") {
				t.Errorf("files after the refusal: got %v, want %v", got, before)
			}
		})
	}
}

// TestToDirectory_Interrupted ends a backup after each of its files. The former backup stays, and the
// next one completes.
func TestToDirectory_Interrupted(t *testing.T) {
	for _, leftover := range []string{"000000000001-000000000005.commits", "backup.json.new", "ledger.json"} {
		for _, begin := range []int{0, 3} {
			l, dir := newTestLog(t, begin), t.TempDir()
			if begin > 0 {
				l.backUp(dir)
			}
			if leftover != ledgerName || begin == 0 {
				must(t, os.WriteFile(filepath.Join(dir, leftover), []byte("half"), 0o600))
			}
			got, err := readDirectory(t, dir)
			if begin == 0 && !errors.Is(err, ErrNone) {
				t.Errorf("interrupted first backup with %s: got %v, want ErrNone", leftover, err)
			} else if begin > 0 {
				must(t, err)
				wantCommits(t, got, l.data)
			}
			l.grow(2, "")
			l.backUp(dir)
			got, err = readDirectory(t, dir)
			must(t, err)
			wantCommits(t, got, l.data)
			if n := len(names(t, dir)); n != 3 {
				t.Errorf("files after the next backup: got %d, want 3", n)
			}
		}
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	must(t, err)
	return data
}

func flip(t *testing.T, path string, at int) {
	t.Helper()
	data := read(t, path)
	data[at] ^= 1
	must(t, os.WriteFile(path, data, 0o600))
}
