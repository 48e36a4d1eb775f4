package docs

import (
	"bufio"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// Limits of a test file: a longer row or file can be read only by scrolling.
const (
	testColumnsMax = 110 // characters of a line; a tab counts as one
	testLinesMax   = 300
)

func TestTestFiles_FitOnAScreen(t *testing.T) {
	err := filepath.WalkDir(moduleRoot, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := os.Open(path)
		if err != nil {
			return err
		}
		defer file.Close() // only read from
		n := 0
		lines := bufio.NewScanner(file)
		for lines.Scan() {
			n++
			if columns := utf8.RuneCount(lines.Bytes()); columns > testColumnsMax {
				t.Errorf("%s:%d: got %d columns, want at most %d", path, n, columns, testColumnsMax)
			}
		}
		if n > testLinesMax {
			t.Errorf("%s: got %d lines, want at most %d: split the file by subject", path, n, testLinesMax)
		}
		return lines.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
}
