package projections

import (
	"errors"
	"fmt"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"authledger/domain"
)

// format is the version of how keys and rows are written, of every table.
const format = 1

// checkpointKey sorts before every table's.
var checkpointKey = key{0}

var errCheckpoint = errors.New("there are rows and no checkpoint")

// checkpoint is one row: what made the rows, and all of the log that is in
// them. It goes with them in the same batch.
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

func checkpointAt(p domain.Position, time time.Time) *checkpoint {
	return &checkpoint{format, versions(), int64(p.Seq), int64(p.Stream), string(p.Hash[:]), time}
}

func (c *checkpoint) position() domain.Position {
	p := domain.Position{Seq: uint64(c.seq), Stream: uint64(c.stream)}
	copy(p.Hash[:], c.hash)
	return p
}

// ours reports why the rows can't be read by this build, "" if they can.
func (c *checkpoint) ours() string {
	switch {
	case c.format != format:
		return fmt.Sprintf("the rows are of format %d, and this build's of %d", c.format, format)
	case c.versions != versions():
		return fmt.Sprintf("the rows are made by %s, and this build's by %s", c.versions, versions())
	}
	return ""
}

// readCheckpoint reads what is visible to o. A database without any row has
// the zero checkpoint of this build.
func readCheckpoint(r pebble.Reader, o *pebble.IterOptions) (*checkpoint, error) {
	it, err := r.NewIter(o)
	if err != nil {
		return nil, err
	}
	defer it.Close()
	if !it.First() {
		return checkpointAt(domain.Position{}, time.Time{}), it.Error()
	}
	if string(it.Key()) != string(checkpointKey) {
		return nil, errCheckpoint
	}
	c := new(checkpoint)
	if err := decodeRow(it.Value(), c); err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	if c.ours() == "" && (c.seq <= 0 || c.stream <= 0 || len(c.hash) != len(domain.Hash{})) {
		return nil, fmt.Errorf("checkpoint: %w", errRow)
	}
	return c, nil
}
