//go:build !unix

package guard

import (
	"io/fs"
	"os"
)

const openFlags = os.O_RDONLY

func checkOwner(string, fs.FileInfo) error { return nil }

func makeDirs(dir, _ string) error { return os.MkdirAll(dir, private) }

// isWithoutLinks reports true, so that the guard copies a block after any error of making a
// link: a copy protects a block as well as a link does.
func isWithoutLinks(error) bool { return true }
