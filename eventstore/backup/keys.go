package backup

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"authledger/eventstore"
	"authledger/eventstore/durable"
	"authledger/eventstore/seal"
)

const (
	// keysManifestName is the last file in the file of the keys.
	keysManifestName = "keys.json"

	// copyTries is the number of attempts to copy the keys while rotations of the master key change them.
	copyTries = 5

	// keyFileMax bounds one file of a key ring: the key file of older programs holds 128 bytes for each key.
	keyFileMax = 1 << 30
)

// keysManifest describes the file of the keys.
type keysManifest struct {
	Format int       `json:"format"`
	Ledger string    `json:"ledger"` // the genesis hash of the ledger
	Files  []keyFile `json:"files"`
}

type keyFile struct {
	Name   string `json:"name"`
	Bytes  int    `json:"bytes"`
	SHA256 string `json:"sha256"`
}

func genesisText(m eventstore.Manifest) string {
	return fmt.Sprintf("%x", eventstore.Genesis(m.LedgerID))
}

// WriteKeys copies the key ring of a ledger, in the directory keys, to the file path. It replaces an earlier copy
// of the same ledger, after the copy is on disk. It returns a *eventstore.Fault if the ring has fewer keys than the
// head, which the caller has read before, and a *seal.DamageError if the ring is damaged: the former copy then
// stays. The keys stay encrypted by the master key, which WriteKeys does not need. Concurrent calls for one path
// wait for each other.
func WriteKeys(path string, m eventstore.Manifest, keys string, head *eventstore.Head) error {
	if err := WantKeysFile(path, m); err != nil {
		return err
	}
	err := durable.Alone(path, func() (err error) {
		for range copyTries {
			if err = writeKeys(path, m, keys, head); !errors.Is(err, seal.ErrChanged) {
				break
			}
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("back up the keys: %w", err)
	}
	return nil
}

// WantKeysFile returns an error unless path is free in an existing directory, or holds an earlier copy of the keys
// of the same ledger, so that a mistyped path replaces no other file. A damaged copy may be replaced.
func WantKeysFile(path string, m eventstore.Manifest) error {
	f, err := durable.Open(path, os.O_RDONLY)
	if errors.Is(err, fs.ErrNotExist) {
		return wantDirectory(filepath.Dir(path))
	}
	if err != nil {
		return fmt.Errorf("open the copy of the keys: %w", err)
	}
	defer f.Close() // only read
	archive := tar.NewReader(f)
	head, err := archive.Next()
	if err != nil || !isKeysName(head.Name) {
		return fmt.Errorf("%s is not a copy of keys: give another path", path)
	}
	for err == nil && head.Name != keysManifestName {
		head, err = archive.Next()
	}
	if err != nil {
		return nil
	}
	var k keysManifest
	data, err := io.ReadAll(io.LimitReader(archive, manifestBytesMax))
	if err == nil && decodeSealed(data, &k) == nil && k.Ledger != genesisText(m) {
		return fmt.Errorf("%s holds the keys of another ledger: give another path", path)
	}
	return err
}

func wantDirectory(dir string) error {
	info, err := os.Stat(dir)
	if err != nil {
		return fmt.Errorf("find the directory of the copy of the keys: %w: create it, or give another path", err)
	}
	if !info.IsDir() {
		return fmt.Errorf("%s is not a directory: give another path for the copy of the keys", dir)
	}
	return nil
}

// useOtherKeys is the next step of the operator for a copy of keys that can't be restored.
const useOtherKeys = "give another copy of the keys of this ledger with --keys"

func damagedKeys(path, format string, args ...any) *DamageError {
	return &DamageError{Path: path, Err: fmt.Errorf("%w: %s", fmt.Errorf(format, args...), useOtherKeys)}
}

func isKeysName(name string) bool {
	_, err := seal.Place("", name)
	return err == nil
}

func writeKeys(path string, m eventstore.Manifest, keys string, head *eventstore.Head) (err error) {
	staged := path + stagedSuffix
	if err := os.Remove(staged); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := durable.Create(staged)
	if err != nil {
		return err
	}
	if err = errors.Join(archiveKeys(f, m, keys, head), f.Sync(), f.Close()); err == nil {
		err = os.Rename(staged, path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(staged))
	}
	return durable.SyncDir(filepath.Dir(path))
}

func archiveKeys(out io.Writer, m eventstore.Manifest, keys string, head *eventstore.Head) error {
	s := &stream{tar: tar.NewWriter(out), pause: Options{}.pause}
	k := keysManifest{Format: formatVersion, Ledger: genesisText(m)}
	copied, err := seal.Copy(keys, func(name string, data []byte) error {
		k.Files = append(k.Files, keyFile{name, len(data), hexSum(data)})
		return s.put(context.Background(), name, data)
	})
	if err == nil {
		err = head.CheckCopied(keys, copied)
	}
	if err != nil {
		return err
	}
	data, err := encodeSealed(&k)
	if err != nil {
		return err
	}
	if err := s.put(context.Background(), keysManifestName, data); err != nil {
		return err
	}
	return s.tar.Close()
}

// ReadKeys copies the key ring in the file path into the directory keys, which MUST NOT exist. When it returns
// nil, the files are on disk. It returns a *DamageError if the file is damaged, was cut off, or holds the keys of
// another ledger than m. With dropDamaged it accepts files with other bytes than in the manifest: the caller opens
// the store with [seal.Options].DropDamaged, which gives up only the damaged keys.
func ReadKeys(path string, m eventstore.Manifest, keys string, dropDamaged bool) error {
	err := readKeys(path, m, dropDamaged, func(file file) error { return placeKeys(keys, file) })
	if err != nil {
		return err
	}
	return errors.Join(durable.SyncDir(keys), durable.SyncDir(filepath.Dir(keys)))
}

// CheckKeys reads the key ring in the file path. It returns a *DamageError if the file is damaged, was cut off,
// or holds the keys of another ledger than m. It writes nothing, and opens no key.
func CheckKeys(path string, m eventstore.Manifest) error {
	return readKeys(path, m, false, func(file) error { return nil })
}

// readKeys calls place with each file of the copy, and then compares the files with the manifest of the copy.
func readKeys(path string, m eventstore.Manifest, dropDamaged bool, place func(file) error) error {
	f, err := durable.Open(path, os.O_RDONLY)
	if err != nil {
		return fmt.Errorf("open the copy of the keys: %w", err)
	}
	defer f.Close() // only read
	archive, k := tar.NewReader(f), keysManifest{}
	for {
		file, err := nextKeys(archive, path)
		if err != nil {
			return err
		}
		if file.name == keysManifestName {
			return k.compare(path, m, file.data, dropDamaged)
		}
		k.Files = append(k.Files, keyFile{file.name, len(file.data), hexSum(file.data)})
		if err := place(file); err != nil {
			return fmt.Errorf("restore the keys: %w", err)
		}
	}
}

// nextKeys reads the next file of an archive of keys.
func nextKeys(archive *tar.Reader, path string) (f file, err error) {
	head, err := archive.Next()
	if err == nil && (head.Typeflag != tar.TypeReg || head.Size > keyFileMax ||
		head.Name != keysManifestName && !isKeysName(head.Name)) {
		return f, damagedKeys(path, "%q is not a file of a key ring", head.Name)
	}
	if err == nil {
		f.name = head.Name
		f.data, err = io.ReadAll(archive) // the header may claim more bytes than follow
	}
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, tar.ErrHeader):
		return f, damagedKeys(path, "the copy of the keys is damaged or was cut off")
	case err != nil:
		return f, fmt.Errorf("read the copy of the keys: %w", err)
	}
	return f, nil
}

func placeKeys(keys string, f file) error {
	path, err := seal.Place(keys, f.name)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), privateDir); err != nil {
		return err
	}
	return durable.Replace(path, f.data)
}

// compare returns a *DamageError unless the manifest lists exactly the files of k and names the ledger of m. With
// dropDamaged it ignores their content.
func (k *keysManifest) compare(path string, m eventstore.Manifest, data []byte, dropDamaged bool) error {
	var want keysManifest
	if err := decodeSealed(data, &want); err != nil {
		return damagedKeys(path, "the copy of the keys is damaged: %w", err)
	}
	if want.Ledger != genesisText(m) {
		return damagedKeys(path, "it holds the keys of another ledger")
	}
	if want.Format != formatVersion || len(want.Files) != len(k.Files) {
		return damagedKeys(path, "the copy of the keys has format %d and %d files, want format %d and %d files",
			want.Format, len(k.Files), formatVersion, len(want.Files))
	}
	for i, f := range k.Files {
		if dropDamaged {
			f.SHA256 = want.Files[i].SHA256
		}
		if f != want.Files[i] {
			return &DamageError{Path: path, Err: fmt.Errorf("%s in the copy of the keys is damaged: %s, or accept "+
				"the loss of its damaged keys with --drop-damaged-keys", want.Files[i].Name, useOtherKeys)}
		}
	}
	return nil
}
