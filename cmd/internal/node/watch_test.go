package node

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"authledger/projections"
)

// TestExitOfPebble checks the exit code of a process that Pebble ends because it can't continue. If
// files of the data directory are missing, Pebble may detect that before the check of the log does.
// The exit code must then be that of a fault, as after the check.
func TestExitOfPebble(t *testing.T) {
	for _, test := range []struct {
		name       string
		moved      string // a file or directory of the data directory, "" for none
		code, want int
	}{
		{"damaged rows", "", projections.ExitStorage, projections.ExitStorage},
		{"other error of Pebble", "", 1, 1},
		{"missing data directory", ".", projections.ExitStorage, ExitFault},
		{"missing keys", KeysDir, projections.ExitStorage, ExitFault},
		{"missing log", LogDir, projections.ExitStorage, ExitFault},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "ledger")
			o := Options{Dir: dir, Realm: "main", Name: "node", Log: slog.New(slog.DiscardHandler)}
			n, err := Open(t.Context(), o)
			check(t, err)
			check(t, n.Close())
			d, err := OpenDirectory(t.Context(), o)
			check(t, err)
			check(t, d.intact()())
			got := -1
			d.end = func(code int) { got = code }
			path := filepath.Join(dir, test.moved)
			if test.moved != "" {
				check(t, os.Rename(path, path+".away"))
			}
			if d.exit(test.code); got != test.want {
				t.Errorf("exit code after Pebble's %d: got %d, want %d", test.code, got, test.want)
			}
			if test.moved != "" {
				check(t, os.Rename(path+".away", path))
			}
			check(t, d.Close())
		})
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
