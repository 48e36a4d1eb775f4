package node

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"runtime"
)

// othersRead is the permission of the group and of others to read.
const othersRead = 0o044

// wantPrivate returns an error if the group or others can read a path or, for a directory, a
// file in it. It ignores a path that does not exist.
func wantPrivate(paths ...string) error {
	if runtime.GOOS == "windows" { // Windows has no such modes
		return nil
	}
	for _, path := range paths {
		err := filepath.WalkDir(path, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := d.Info()
			if err == nil && info.Mode().Perm()&othersRead != 0 {
				err = tooOpen(path, info)
			}
			return err
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func tooOpen(path string, info fs.FileInfo) error {
	mode := "600"
	if info.IsDir() {
		mode = "700"
	}
	return fmt.Errorf("open secrets: the group or others can read %s (mode %04o): run `chmod %s %s`, then start again", path, info.Mode().Perm(), mode, path)
}

// wantPrivateSecrets checks all secrets of a data directory.
func wantPrivateSecrets(dir string) error {
	var all []string
	for _, name := range []string{
		MasterKeyName, MasterKeyName + nextSuffix, MasterKeyName + formerSuffix, KeysDir, CallersName, "webhooks", legacyTokensName, legacyWebhooksName,
		legacyTokensName + migratedSuffix, legacyWebhooksName + migratedSuffix,
	} {
		all = append(all, filepath.Join(dir, name))
	}
	return wantPrivate(all...)
}
