package rows

import (
	"errors"
	"fmt"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"authledger/domain"
)

// format is the version of the encoding of keys and rows in all tables.
const format = 1

// CheckpointTable is the first byte of the checkpoint's key, which no table uses.
const CheckpointTable = 0

// checkpointKey sorts before the keys of all tables.
var checkpointKey = Key{CheckpointTable}

var errCheckpoint = errors.New("invalid rows: the checkpoint is missing")

// checkpoint is one row: the versions of the code that wrote the rows, and the end of the
// log that the rows reflect. Pebble applies it in the same batch as the rows.
type checkpoint struct {
	format   int64
	versions string
	seq      int64
	stream   int64
	hash     string // the bytes of a domain.Hash
	time     time.Time
}

func (c *checkpoint) Members(v domain.Visitor) {
	v.Count("format", &c.format, domain.Need)
	v.Text("versions", &c.versions, domain.Need)
	v.Count("seq", &c.seq, domain.Need)
	v.Count("stream", &c.stream, domain.Need)
	v.Text("hash", &c.hash, domain.Need)
	v.Instant("time", &c.time, domain.Need)
}

func newCheckpoint(versions string, p domain.Position, time time.Time) *checkpoint {
	return &checkpoint{format, versions, int64(p.Seq), int64(p.Stream), string(p.Hash[:]), time}
}

// EncodeCheckpoint returns the key and the row of a checkpoint.
func EncodeCheckpoint(versions string, p domain.Position, time time.Time) (Key, []byte) {
	return checkpointKey, Encode(nil, newCheckpoint(versions, p, time))
}

func (c *checkpoint) position() domain.Position {
	p := domain.Position{Seq: uint64(c.seq), Stream: uint64(c.stream)}
	copy(p.Hash[:], c.hash)
	return p
}

// mismatch returns why this build can't read the rows, "" if it can.
func (c *checkpoint) mismatch(versions string) string {
	switch {
	case c.format != format:
		return fmt.Sprintf("the rows have format %d, this build has format %d", c.format, format)
	case c.versions != versions:
		return fmt.Sprintf("the rows have the versions %s, this build has %s", c.versions, versions)
	}
	return ""
}

// readCheckpoint reads the checkpoint that is visible to o. A database without rows has the
// zero checkpoint of the given versions.
func readCheckpoint(r pebble.Reader, versions string, o *pebble.IterOptions) (*checkpoint, error) {
	it, err := r.NewIter(o)
	if err != nil {
		return nil, err
	}
	defer it.Close()
	if !it.First() {
		return newCheckpoint(versions, domain.Position{}, time.Time{}), it.Error()
	}
	if string(it.Key()) != string(checkpointKey) {
		return nil, errCheckpoint
	}
	c := new(checkpoint)
	if err := Decode(it.Value(), c); err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	if c.mismatch(versions) == "" && (c.seq <= 0 || c.stream <= 0 || len(c.hash) != len(domain.Hash{})) {
		return nil, fmt.Errorf("checkpoint: %w", errRow)
	}
	return c, nil
}
