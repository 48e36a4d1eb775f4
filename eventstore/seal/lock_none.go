//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package seal

import (
	"errors"
	"os"
)

// lockDir refuses: two writers would give two subjects one slot.
func lockDir(string) (*os.File, error) {
	return nil, errors.New("this system has no lock that ends with its process: use Linux, macOS or a BSD")
}
