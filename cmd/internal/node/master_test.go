package node

import (
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"authledger/cmd/internal/nodetest"
	"authledger/domain"
	"authledger/eventstore/seal"
)

// rotating is a data directory with sealed data of alice, whose key is destroyed, and of bob.
type rotating struct {
	*forgetting
	master string // path of the file of the present master key
}

func newRotating(t *testing.T) *rotating {
	f := newForgetting(t)
	f.run(func(n *Node) {
		f.logIn(n, "e-1", "alice", forgottenAddress)
		f.logIn(n, "e-2", "bob", "192.0.2.7")
		f.send(n, "f-1", &domain.PersonForget{User: "alice", Case: "C-1", By: "olga"})
	})
	return &rotating{f, filepath.Join(f.o.Dir, MasterKeyName)}
}

// want opens the node, and checks the data of both users, and the files of the master keys.
func (r *rotating) want(when string, files ...string) {
	r.t.Helper()
	r.run(func(n *Node) {
		r.wantData(n, when)
		check(r.t, n.Keys.AwaitRotation())
		r.wantData(n, when+", later")
	})
	found, err := filepath.Glob(r.master + "*")
	check(r.t, err)
	for i := range found {
		found[i] = filepath.Base(found[i])
	}
	if got, want := strings.Join(found, " "), strings.Join(files, " "); got != want {
		r.t.Errorf("%s: got files %s, want %s", when, got, want)
	}
}

func (r *rotating) wantData(n *Node, when string) {
	r.t.Helper()
	if alice, bob := r.revealed(n, 1), r.revealed(n, 2); alice || !bob {
		r.t.Errorf("%s: got data of alice readable %t, of bob %t, want bob only", when, alice, bob)
	}
}

func (r *rotating) rotate() (done Rotated, err error) {
	r.t.Helper()
	r.run(func(n *Node) {
		done, err = n.RotateKeys()
		r.wantData(n, "after the rotation, before the next start")
	})
	return done, err
}

func (r *rotating) read(path string) string {
	r.t.Helper()
	b, err := os.ReadFile(path)
	check(r.t, err)
	return strings.TrimSpace(string(b))
}

func (r *rotating) write(path string, fill byte) (text string) {
	r.t.Helper()
	text = strings.Repeat(hex.EncodeToString([]byte{fill}), 32)
	check(r.t, os.WriteFile(path, []byte(text+"\n"), 0o600))
	return text
}

// wantFails checks that a start fails, because the configured master keys do not open the keys.
func (r *rotating) wantFails(when string) {
	r.t.Helper()
	n, err := Open(r.t.Context(), r.o)
	if err == nil {
		err = n.Close()
	}
	if !errors.Is(err, seal.ErrWrongMaster) {
		r.t.Errorf("%s: got %v, want %v", when, err, seal.ErrWrongMaster)
	}
}

// TestRotateKeys rotates the master key that the node manages. A second rotation needs the operator to
// move the former key.
func TestRotateKeys(t *testing.T) {
	r := newRotating(t)
	old := r.read(r.master)
	done, err := r.rotate()
	check(t, err)
	if !done.Installed || done.Keys == 0 {
		t.Errorf("got %+v, want keys and installed files", done)
	}
	r.want("after the rotation", "master.key", "master.key.former")
	if now, former := r.read(r.master), r.read(r.master+formerSuffix); now == old || former != old {
		t.Errorf("after the rotation: got the old key in master.key %t, in master.key.former %t, "+
			"want it in master.key.former", now == old, former == old)
	}
	now := r.read(r.master)
	if _, err := r.rotate(); err == nil || !strings.Contains(err.Error(), "move it to a safe place") {
		t.Errorf("second rotation: got %v, want the advice to move the former key", err)
	}
	r.want("after a refused rotation", "master.key", "master.key.former")
	check(t, os.Remove(r.master+formerSuffix))
	_, err = r.rotate()
	check(t, err)
	if former := r.read(r.master + formerSuffix); former != now {
		t.Error("second rotation: got another former key than the key before it")
	}
	r.o.MasterKeyHex = old
	r.wantFails("old master key")
}

// TestRotateKeys_Crash opens the directory in each state that a crash between two steps of a rotation
// leaves, and rotates once more.
func TestRotateKeys_Crash(t *testing.T) {
	steps := []struct {
		name  string
		do    func(r *rotating)
		files []string // after the next start
	}{
		{"next key created", func(r *rotating) {
			_, err := seal.CreateMaster(r.master + nextSuffix)
			check(t, err)
		}, []string{"master.key", "master.key.next"}},
		{"keys wrapped", func(r *rotating) {
			r.run(func(n *Node) {
				next, err := seal.LoadMaster(r.master + nextSuffix)
				check(t, errors.Join(err, n.Keys.Rewrap(next)))
			})
		}, []string{"master.key", "master.key.former"}},
		{"former key linked", func(r *rotating) { check(t, os.Link(r.master, r.master+formerSuffix)) },
			[]string{"master.key", "master.key.former"}},
	}
	for at := range steps {
		t.Run(steps[at].name, func(t *testing.T) {
			r := newRotating(t)
			old := r.read(r.master)
			for _, step := range steps[:at+1] {
				step.do(r)
			}
			r.want("first start", steps[at].files...)
			r.want("second start", steps[at].files...)
			if err := os.Remove(r.master + formerSuffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
				t.Fatal(err)
			}
			_, err := r.rotate()
			check(t, err)
			r.want("next rotation", "master.key", "master.key.former")
			r.o.MasterKeyHex = old
			r.wantFails("old master key")
		})
	}
}

// TestRotateKeys_OfOperator rotates master keys whose files or variables the operator writes. The node
// changes none of them, and a start opens the keys with either of the two keys.
func TestRotateKeys_OfOperator(t *testing.T) {
	for _, test := range []struct {
		name    string
		present func(r *rotating, path, text string)
		next    func(r *rotating, path string) (text string)
		missing string
	}{
		{"file", func(r *rotating, path, _ string) { r.o.MasterKeyFile = path },
			func(r *rotating, path string) string { return r.write(path+nextSuffix, 7) }, ".next"},
		{"environment", func(r *rotating, _, text string) { r.o.MasterKeyHex = text },
			func(r *rotating, path string) string {
				r.o.NextMasterKeyHex = r.write(path+".other", 7)
				return r.o.NextMasterKeyHex
			}, "AUTHLEDGER_NEXT_MASTER_KEY"},
		{"file, next in the environment", func(r *rotating, path, _ string) { r.o.MasterKeyFile = path },
			func(r *rotating, path string) string {
				r.o.NextMasterKeyHex = r.write(path+".other", 7)
				return r.o.NextMasterKeyHex
			}, ".next"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRotating(t)
			old := r.read(r.master)
			path := filepath.Join(t.TempDir(), "secret")
			check(t, os.WriteFile(path, []byte(old), 0o600))
			test.present(r, path, old)
			if _, err := r.rotate(); err == nil || !strings.Contains(err.Error(), test.missing) {
				t.Errorf("without a next key: got %v, want an error with %s", err, test.missing)
			}
			next := test.next(r, path)
			for range 2 {
				done, err := r.rotate()
				check(t, err)
				if done.Installed {
					t.Error("got installed files, want unchanged ones")
				}
				r.want("with both keys", "master.key")
			}
			if got := r.read(path); got != old {
				t.Error("file of the operator: got another key, want it unchanged")
			}
			both := r.o
			r.o.MasterKeyFile, r.o.MasterKeyHex, r.o.NextMasterKeyHex = "", next, ""
			r.want("with the next key as the master key", "master.key")
			r.o.MasterKeyHex = old
			r.wantFails("old master key without a next one")
			r.o = both
			r.o.MasterKeyFile, r.o.MasterKeyHex, r.o.NextMasterKeyHex = "", next, next
			if _, err := r.rotate(); err == nil || !strings.Contains(err.Error(), "equal to the present one") {
				t.Errorf("equal keys: got %v, want an error", err)
			}
		})
	}
}

// TestRotateKeys_Backup restores keys from before a rotation. The former master key opens them, and the
// present one does not.
func TestRotateKeys_Backup(t *testing.T) {
	r := newRotating(t)
	backup := filepath.Join(t.TempDir(), "backup")
	check(t, nodetest.CopyDirectory(backup, r.o.Dir))
	_, err := r.rotate()
	check(t, err)
	keys := filepath.Join(r.o.Dir, KeysDir)
	check(t, os.RemoveAll(keys))
	check(t, nodetest.CopyDirectory(keys, filepath.Join(backup, KeysDir)))
	r.wantFails("older keys under the new master key")
	r.o.MasterKeyFile = r.master + formerSuffix
	r.want("older keys under the former master key", "master.key", "master.key.former")
}
