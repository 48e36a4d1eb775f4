package rows

import (
	"errors"
	"syscall"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"authledger/domain"
)

// foldAndClose folds rows into the directory /d, closes them and returns their position.
func foldAndClose(t *testing.T, fs vfs.FS) domain.Position {
	s := open(t, "/d", quiet(fs))
	fold(t, s, 100)
	closeAll(t, s)
	return s.Position()
}

// Pebble's fatal error marks the generation as damaged unless a missing resource is the
// cause.
func TestFatalMarksDamageAndExits(t *testing.T) {
	tests := []struct {
		err       error
		code      int
		isDamaged bool
	}{
		{errors.New("MANIFEST sync failed"), ExitStorage, true},
		{syscall.ENOSPC, exitShortage, false},
		{syscall.EMFILE, exitShortage, false},
		{syscall.EROFS, exitShortage, false},
	}
	for _, test := range tests {
		t.Run(test.err.Error(), func(t *testing.T) {
			fs := vfs.NewMem()
			foldAndClose(t, fs)
			o := quiet(fs)
			code := 0
			o.Exit = func(c int) { code = c }
			s := open(t, "/d", o)
			pebbleLog{s}.Fatalf("fatal commit error: %v", test.err)
			if code != test.code {
				t.Errorf("exit code: got %d, want %d", code, test.code)
			}
			closeAll(t, s)
			s = open(t, "/d", quiet(fs))
			if isDamaged := s.Damage() != nil; isDamaged != test.isDamaged {
				t.Errorf("damage at the next Open: got %v, want damage %t", s.Damage(), test.isDamaged)
			}
			closeAll(t, s)
		})
	}
}
