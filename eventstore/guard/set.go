package guard

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const (
	serverDir = "jetstream" // the directory of the server's files, with one directory for each account
	guardDir  = "guard"     // the directory of the guards, beside serverDir

	incomplete = ".new"  // suffix of a guard that is being made
	released   = ".done" // suffix of a guard that is being removed
)

// Set is the guards of one server's directory, one per account. It is not safe for
// concurrent use.
type Set struct {
	store  string
	guards []*guard
}

// Begin restores the files for which an earlier process left a guard, checks the files in
// the server's directory store, and guards them. After an error the files are as they were.
// Begin returns a *eventstore.Fault for damage that the server would remove. The server MUST
// NOT run.
func Begin(store string) (*Set, error) {
	store, err := filepath.EvalSymlinks(store)
	if errors.Is(err, fs.ErrNotExist) {
		return &Set{store: store}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("find the log's directory: %w", err)
	}
	s := &Set{store: store}
	if err := s.resolve(); err != nil {
		return nil, fmt.Errorf("restore the files that an interrupted start left guarded: %w", err)
	}
	accounts, err := names(filepath.Join(store, serverDir))
	if err != nil {
		return nil, fmt.Errorf("list the log's directory: %w", err)
	}
	for _, account := range accounts {
		g := &guard{root: filepath.Join(store, serverDir, account), at: filepath.Join(store, guardDir, account)}
		if err := g.check(); err != nil {
			return nil, errors.Join(err, s.releaseAll())
		}
		s.guards = append(s.guards, g)
	}
	for _, g := range s.guards {
		if err := g.make(); err != nil {
			return nil, errors.Join(fmt.Errorf("guard the files in %s: %w", g.root, err), s.releaseAll())
		}
	}
	return s, nil
}

// resolve restores the valid guards of an earlier process and deletes the others.
func (s *Set) resolve() error {
	left, err := names(filepath.Join(s.store, guardDir))
	if err != nil {
		return err
	}
	for _, name := range left {
		at := filepath.Join(s.store, guardDir, name)
		if strings.HasSuffix(name, incomplete) || strings.HasSuffix(name, released) {
			if err := os.RemoveAll(at); err != nil {
				return err
			}
			continue
		}
		g := &guard{root: filepath.Join(s.store, serverDir, name), at: at}
		if err := g.load(); err != nil {
			return err
		}
		if err := g.restore(); err != nil {
			return err
		}
	}
	return nil
}

// Release removes the guard of an account. The caller MUST have checked that the server has
// recovered the account's streams. For an account without a guard, Release does nothing.
func (s *Set) Release(account string) error {
	for i, g := range s.guards {
		if filepath.Base(g.root) != account {
			continue
		}
		if err := g.release(); err != nil {
			return fmt.Errorf("remove the guard of %s: %w", g.root, err)
		}
		s.guards = slices.Delete(s.guards, i, i+1)
		return nil
	}
	return nil
}

func (s *Set) releaseAll() (all error) {
	for _, g := range s.guards {
		all = errors.Join(all, g.release())
	}
	s.guards = nil
	return all
}

// Restore puts back the files of every account that was not released, and removes the
// guards. The server must have stopped. After an error the guards of the accounts that
// were not restored stay, and the next Begin continues.
func (s *Set) Restore() (all error) {
	for _, g := range s.guards {
		if err := g.restore(); err != nil {
			all = errors.Join(all, fmt.Errorf("restore the files in %s: %w: start again to continue", g.root, err))
		}
	}
	s.guards = nil
	return all
}

// Streams returns the names of the streams of an account whose files are guarded.
func (s *Set) Streams(account string) (streams []string) {
	for _, g := range s.guards {
		if filepath.Base(g.root) == account {
			streams = g.streams()
		}
	}
	return streams
}

// Accounts returns the accounts that have a guard.
func (s *Set) Accounts() (accounts []string) {
	for _, g := range s.guards {
		accounts = append(accounts, filepath.Base(g.root))
	}
	return accounts
}

// names lists a directory in order; an absent directory is empty.
func names(dir string) (all []string, err error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all, err
}
