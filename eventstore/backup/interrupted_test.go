package backup

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"authledger/domain"
)

// TestToDirectory_FailsAtEachPause ends a second backup before each of its reads and writes.
func TestToDirectory_FailsAtEachPause(t *testing.T) {
	failed := errors.New("failed")
	for fail := 1; ; fail++ {
		l, dir := newTestLog(t, 3), filepath.Join(t.TempDir(), "new", "backup")
		l.backUp(dir)
		l.grow(2, "")
		o, calls := l.options(), 0
		o.Pace = func(context.Context, int) error {
			if calls++; calls == fail {
				return failed
			}
			return nil
		}
		_, err := ToDirectory(t.Context(), dir, o)
		if err == nil && fail > 3 {
			return
		}
		if !errors.Is(err, failed) {
			t.Fatalf("failure of call %d: got %v, want its error", fail, err)
		}
		got, err := readDirectory(t, dir)
		must(t, err)
		wantCommits(t, got, l.data[:3])
	}
}

func TestDecodeManifest_OfANewerProgram(t *testing.T) {
	for name, m := range map[string]Manifest{
		"format": {Format: formatVersion + 1, Rules: domain.Rules},
		"rules":  {Format: formatVersion, Rules: domain.Rules + 1},
	} {
		data, err := encodeSealed(&m)
		must(t, err)
		_, err = decodeManifest("", data)
		if err == nil || !strings.Contains(err.Error(), "use a newer program") {
			t.Errorf("newer %s: got %v, want the advice to use a newer program", name, err)
		}
	}
}

// TestToDirectory_NamesNoRebuild checks that the advice for another history is not about projections.
func TestToDirectory_NamesNoRebuild(t *testing.T) {
	l, dir := newTestLog(t, 3), t.TempDir()
	l.backUp(dir)
	other := newTestLog(t, 2)
	o := l.options()
	o.Log = other.store
	_, err := ToDirectory(t.Context(), dir, o)
	if err == nil || strings.Contains(err.Error(), "rebuild") {
		t.Errorf("got %v, want an error without `authledger rebuild`", err)
	}
}
