package node

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"authledger/eventstore"
	"authledger/eventstore/durable"
	"authledger/eventstore/seal"
)

const (
	nextSuffix   = ".next"   // of the file with the master key to which a rotation changes
	formerSuffix = ".former" // of the file with the master key before the last rotation
)

// masterKeys are the places of the master keys of a directory. The present master key opens the keys of
// personal data. The next one opens them after a rotation that the configuration does not show yet.
type masterKeys struct {
	text, nextText string // hexadecimal digits from the environment, "" for none
	path           string // of the file of the present master key, "" if text holds it
	isManaged      bool   // the node creates the files of both keys in the data directory, and replaces them
	keysDir        string
}

func (o *Options) masterKeys() masterKeys {
	m := masterKeys{text: o.MasterKeyHex, nextText: o.NextMasterKeyHex, path: o.MasterKeyFile, keysDir: filepath.Join(o.Dir, KeysDir)}
	switch {
	case m.text != "":
		m.path = ""
	case m.path == "":
		m.path, m.isManaged = filepath.Join(o.Dir, MasterKeyName), m.nextText == ""
	}
	return m
}

// openKeys opens the keys of personal data.
func (d *Directory) openKeys(made bool) (err error) {
	if d.Keys, err = d.Options.openKeys(made); err != nil {
		return err
	}
	d.opened = append(d.opened, d.Keys.Close)
	return nil
}

// openKeys opens the keys of personal data. The master key comes from the environment, from
// the file that the options name, or from the data directory. openKeys creates a master key
// only for a new ledger. If a rotation was interrupted, the next master key opens the keys.
func (o *Options) openKeys(made bool) (store *seal.Store, err error) {
	keys := o.masterKeys()
	options := seal.Options{Create: !made, DropDamaged: o.DropDamagedKeys}
	master, err := keys.present(made)
	if err == nil {
		store, err = seal.Open(keys.keysDir, master, options)
	}
	if errors.Is(err, seal.ErrWrongMaster) {
		store, err = o.openNext(keys, options, err)
	}
	if err != nil && made && !errors.Is(err, seal.ErrLocked) && !isUnread(err) {
		return nil, &eventstore.Fault{Err: err} // the keys are missing, damaged or of another ledger
	}
	return store, err
}

// openNext opens the keys with the next master key, because the present one does not open them. It
// returns wrong if there is no next master key, or if it does not open the keys either.
func (o *Options) openNext(keys masterKeys, options seal.Options, wrong error) (*seal.Store, error) {
	next, err := keys.next()
	if errors.Is(err, errNoNext) {
		return nil, wrong
	}
	if err != nil {
		return nil, err
	}
	store, err := seal.Open(keys.keysDir, next, options)
	if errors.Is(err, seal.ErrWrongMaster) {
		return nil, wrong
	}
	if err != nil {
		return nil, err
	}
	err = keys.install()
	switch {
	case err != nil:
		o.Log.Warn("a rotation of the master key has changed the keys, but its files can't be renamed: "+
			"the next start tries again", "cause", err)
	case !keys.isManaged:
		o.Log.Warn("the next master key opens the keys, because a rotation has changed them: " +
			"configure that key as the master key")
	}
	return store, nil
}

// isUnread reports whether an existing file could not be opened or read. Such an error does not
// prove that the contents are damaged.
func isUnread(err error) bool {
	return errors.Is(err, durable.ErrNotRegular) || errors.As(err, new(syscall.Errno)) && !errors.Is(err, fs.ErrNotExist)
}

// present returns the present master key. It creates one only for a new ledger.
func (m masterKeys) present(made bool) (seal.Master, error) {
	if m.text != "" {
		return seal.ParseMaster(m.text)
	}
	master, err := seal.LoadMaster(m.path)
	if !errors.Is(err, fs.ErrNotExist) {
		return master, err
	}
	if exists, err := seal.Exists(m.keysDir); made || exists || err != nil {
		return master, errors.Join(seal.ErrMasterMissing, err)
	}
	return seal.CreateMaster(m.path)
}

var errNoNext = errors.New("no next master key")

// next returns the next master key, and errNoNext if none is configured.
func (m masterKeys) next() (seal.Master, error) {
	switch {
	case m.nextText != "":
		return seal.ParseMaster(m.nextText)
	case m.path == "":
		return seal.Master{}, errNoNext
	}
	next, err := seal.LoadMaster(m.path + nextSuffix)
	if errors.Is(err, fs.ErrNotExist) {
		return next, errNoNext
	}
	return next, err
}

// prepare returns the next master key of a rotation. It creates that key if the node manages the files.
// The error says where the operator writes it otherwise.
func (m masterKeys) prepare() (seal.Master, error) {
	if m.isManaged {
		if err := m.checkFormer(); err != nil {
			return seal.Master{}, err
		}
	}
	next, err := m.next()
	switch {
	case errors.Is(err, errNoNext) && m.isManaged:
		return seal.CreateMaster(m.path + nextSuffix)
	case errors.Is(err, errNoNext) && m.path != "":
		return next, fmt.Errorf("%w: write 64 random hexadecimal digits to %s, and keep a copy elsewhere", err, m.path+nextSuffix)
	case errors.Is(err, errNoNext):
		return next, fmt.Errorf("%w: start the node with AUTHLEDGER_NEXT_MASTER_KEY beside AUTHLEDGER_MASTER_KEY, with 64 random hexadecimal digits", err)
	case err != nil:
		return next, err
	}
	present, err := m.present(true)
	if err == nil && present == next {
		err = errors.New("the next master key is equal to the present one: create another next master key")
	}
	return next, err
}

// RotateKeys changes to the next master key, and returns after all keys are wrapped by it. The ledger is
// in use meanwhile. After a crash at any point, the next start opens the keys with the present or the
// next master key, and completes the rotation.
func (d *Directory) RotateKeys() (Rotated, error) {
	begun, keys := time.Now(), d.Options.masterKeys()
	next, err := keys.prepare()
	if err != nil {
		return Rotated{}, fmt.Errorf("rotate the master key: %w", err)
	}
	isDone, err := d.Keys.IsUnder(next) // an earlier rotation was interrupted, or could not rename the files
	if err == nil && !isDone {
		err = d.Keys.Rewrap(next)
	}
	if err == nil {
		err = keys.install()
	}
	if err == nil {
		err = d.Keys.AwaitRotation()
	}
	if err != nil {
		return Rotated{}, fmt.Errorf("rotate the master key: %w", err)
	}
	return Rotated{Keys: d.Keys.Durable(), Installed: keys.isManaged, Seconds: time.Since(begun).Seconds()}, nil
}

// checkFormer returns an error if the file of an earlier master key exists, so that no rotation
// overwrites a key that a backup may need.
func (m masterKeys) checkFormer() error {
	former := m.path + formerSuffix
	switch is, err := isSameFile(m.path, former); {
	case errors.Is(err, fs.ErrNotExist) || is:
		return nil
	case err != nil:
		return err
	}
	return fmt.Errorf("%s holds the master key before the last rotation: move it to a safe place while backups of the keys need it, or delete it, then rotate again", former)
}

// install makes the next master key the present one in the files that the node manages, after the keys
// have been wrapped by it. The present file gets the suffix of the former one. It is idempotent: after
// a crash between two of its steps, the next start calls it again.
func (m masterKeys) install() error {
	if !m.isManaged {
		return nil
	}
	former := m.path + formerSuffix
	if err := os.Link(m.path, former); err != nil {
		if is, _ := isSameFile(m.path, former); !is {
			return err
		}
	}
	if err := durable.SyncDir(filepath.Dir(m.path)); err != nil {
		return err
	}
	if err := os.Rename(m.path+nextSuffix, m.path); err != nil {
		return err
	}
	return durable.SyncDir(filepath.Dir(m.path))
}

func isSameFile(a, b string) (bool, error) {
	x, err := os.Stat(a)
	if err != nil {
		return false, err
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y), err
}
