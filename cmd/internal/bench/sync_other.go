//go:build !linux

package bench

import "os"

// syncData returns when the data and the metadata of f are on disk.
func syncData(f *os.File) error { return f.Sync() }
