package eventstore

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"authledger/domain"
	"authledger/eventstore/wire"
)

// Bounds of a commit (docs/log-format.md).
const (
	CommitRecordsMax = 256
	CommitBytesMax   = 128 << 10
	RecordBytesMax   = 64 << 10
)

// formatVersion is the version of the layout of a commit: one line with the header, then one
// line for each record. Each line is a JSON object that ends with a newline.
const formatVersion = 1

// header is the first line of a commit.
type header struct {
	version, rules, first, count int64
	realm, prev, node            string
	time                         time.Time
}

func (h *header) Members(v domain.Visitor) {
	v.Count("v", &h.version, domain.Need)
	v.Count("rules", &h.rules, domain.Need)
	v.Text("realm", &h.realm, domain.Need)
	v.Count("first", &h.first, domain.Form{Need: true, Most: 1 << 62})
	v.Count("count", &h.count, domain.Form{Need: true, Most: CommitRecordsMax})
	v.Text("prev", &h.prev, domain.Need)
	v.Instant("time", &h.time, domain.Need)
	v.Text("node", &h.node, domain.Need)
}

// sealCommit closes the commit c: it appends the header and the encoded records to data,
// which MUST be empty, and sets the hash of c to the hash of these bytes.
func sealCommit(data []byte, realm string, c *domain.Commit, lines []byte) []byte {
	h := header{
		version: formatVersion, rules: domain.Rules, first: int64(c.First), count: int64(len(c.Records)),
		realm: realm, prev: hex.EncodeToString(c.Prev[:]), node: c.Node, time: c.Time,
	}
	data = slices.Grow(data, len(lines)+headerBytes)
	data = append(wire.AppendData(data, &h), '\n')
	data = append(data, lines...)
	c.Rules, c.Hash = domain.Rules, sha256.Sum256(data)
	return data
}

// ReadCommit decodes the commit in m. An error means damage, a commit of another realm, or a
// commit of a newer program.
func ReadCommit(realm string, m Message) (domain.Commit, error) {
	c, count, lines, err := readHeader(realm, m)
	c.Hash = sha256.Sum256(m.Data)
	if err != nil {
		return c, err
	}
	c.Records, err = readRecords(lines, c.First, count)
	for i := range c.Records {
		c.Records[i].Command.Rules = c.Rules
	}
	return c, err
}

// readHeader decodes the header of the commit in m. It returns the number of records that
// the header states, and the lines of the records.
func readHeader(realm string, m Message) (c domain.Commit, count int, lines []byte, err error) {
	c.Stream = m.Stream
	line, lines, ok := bytes.Cut(m.Data, []byte{'\n'})
	var h header
	if fault := wire.ReadData(line, &h); fault != nil || !ok {
		return c, 0, nil, fmt.Errorf("read the header of a commit: %w", headerError(fault))
	}
	if h.version != formatVersion || h.rules < 1 || h.rules > domain.Rules {
		return c, 0, nil, fmt.Errorf("commit of format %d, rules %d: this program reads format %d, rules up to %d: use a newer program", h.version, h.rules, formatVersion, domain.Rules)
	}
	prev, err := hex.DecodeString(h.prev)
	if err != nil || len(prev) != len(c.Prev) || h.realm != realm || h.count < 1 || h.first < 1 {
		return c, 0, nil, fmt.Errorf("the header of a commit is invalid: realm %q, record %d, want realm %q", h.realm, h.first, realm)
	}
	c.Prev, c.First, c.Rules, c.Time, c.Node = domain.Hash(prev), uint64(h.first), int(h.rules), h.time, h.node
	return c, int(h.count), lines, nil
}

func readRecords(lines []byte, first uint64, count int) ([]domain.Record, error) {
	records := make([]domain.Record, 0, count)
	for len(lines) > 0 {
		line, rest, ended := bytes.Cut(lines, []byte{'\n'})
		lines = rest
		r, err := wire.ReadRecord(line)
		if err != nil {
			return nil, err
		}
		if !ended || r.Seq != first+uint64(len(records)) || len(records) == count {
			return nil, fmt.Errorf("the line of record %[2]d holds record %[1]d, in a commit of %[3]d records", r.Seq, first+uint64(len(records)), count)
		}
		records = append(records, r)
	}
	if len(records) != count {
		return nil, fmt.Errorf("the header states %d records, the commit holds %d", count, len(records))
	}
	return records, nil
}

// headerError returns the fault of a header, or an error for a commit of one line if fault
// is nil.
func headerError(fault *domain.Rejection) error {
	if fault == nil {
		return errors.New("the commit has no records")
	}
	return fault
}
