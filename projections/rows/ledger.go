package rows

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
)

// ledgerFile is a file in a generation. It contains the id of the ledger whose log was
// folded, and a prefix of the SHA-256 of the id, so that a damaged id is not read as the id
// of another ledger.
const (
	ledgerFile    = "LEDGER"
	ledgerSumSize = 16 // hexadecimal digits
)

// ErrOtherLedger reports projections of another ledger. Their rows are not damaged.
var ErrOtherLedger = errors.New("the projections belong to another ledger")

var errLedgerFile = errors.New("invalid " + ledgerFile + ": the checksum differs")

// Bind writes the id of the ledger into a generation without one, which an older build
// wrote. The caller MUST have verified that the rows were folded from the log of this
// ledger.
func (s *Store) Bind() error {
	if err := s.dir.bind(s.generation); err != nil {
		return fmt.Errorf("write %s of generation %s: %w", ledgerFile, s.generation, err)
	}
	return nil
}

// bind writes the id of the ledger into a generation that has no LEDGER file. It returns
// after fsync.
func (d *directory) bind(name string) error {
	id := d.options.Ledger
	if id == "" {
		return nil
	}
	path := d.path(name, ledgerFile)
	if _, err := d.fs.Stat(path); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := d.write(path+temporary, ledgerLine(id)); err != nil {
		return err
	}
	if err := d.fs.Rename(path+temporary, path); err != nil {
		return err
	}
	return d.sync(d.path(name))
}

// checkLedger returns ErrOtherLedger if a generation contains the id of another ledger than
// the options, and an error if that id is damaged.
func (d *directory) checkLedger(name string) error {
	if d.options.Ledger == "" {
		return nil
	}
	f, err := d.fs.Open(d.path(name, ledgerFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, smallFileMax))
	id, _, _ := strings.Cut(string(b), " ")
	switch {
	case err != nil:
		return err
	case string(b) != ledgerLine(id):
		return errLedgerFile
	case id != d.options.Ledger:
		return fmt.Errorf("%w: %s has ledger %s, this is ledger %s", ErrOtherLedger, d.path(name), id, d.options.Ledger)
	}
	return nil
}

// ledgerLine returns the contents of the LEDGER file.
func ledgerLine(id string) string {
	sum := sha256.Sum256([]byte(id))
	return id + " " + hex.EncodeToString(sum[:])[:ledgerSumSize] + "\n"
}
