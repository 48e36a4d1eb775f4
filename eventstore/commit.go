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

// Bounds of a commit (architecture.md, "The log").
const (
	CommitRecordsMax = 256
	CommitBytesMax   = 128 << 10
	RecordBytesMax   = 64 << 10
)

// formatVersion is the version of the commit's layout: a header line, then a
// line a record, each a JSON object, each ended by a newline.
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

// sealCommit puts the header before the encoded records, appends both to data,
// which is empty, and closes the commit: c gets the hash of those bytes.
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

// ReadCommit decodes the commit in m. An error means damage, another realm's
// commit, or a writer newer than this code.
func ReadCommit(realm string, m Message) (domain.Commit, error) {
	c := domain.Commit{Stream: m.Stream, Hash: sha256.Sum256(m.Data)}
	line, rest, ok := bytes.Cut(m.Data, []byte{'\n'})
	var h header
	if fault := wire.ReadData(line, &h); fault != nil || !ok {
		return c, fmt.Errorf("read the header of a commit: %w", orShort(fault))
	}
	if h.version != formatVersion || h.rules < 1 || h.rules > domain.Rules {
		return c, fmt.Errorf("commit of format %d, rules %d: this program reads format %d, rules up to %d: use a newer one", h.version, h.rules, formatVersion, domain.Rules)
	}
	prev, err := hex.DecodeString(h.prev)
	if err != nil || len(prev) != len(c.Prev) || h.realm != realm || h.count < 1 || h.first < 1 {
		return c, fmt.Errorf("the header of a commit of realm %q, record %d, is not one of realm %q", h.realm, h.first, realm)
	}
	c.Prev, c.First, c.Rules, c.Time, c.Node = domain.Hash(prev), uint64(h.first), int(h.rules), h.time, h.node
	c.Records, err = readRecords(rest, c.First, int(h.count))
	return c, err
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
			return nil, fmt.Errorf("record %d does not stand where record %d of %d belongs", r.Seq, first+uint64(len(records)), count)
		}
		records = append(records, r)
	}
	if len(records) != count {
		return nil, fmt.Errorf("commit of %d records holds %d", count, len(records))
	}
	return records, nil
}

func orShort(fault *domain.Rejection) error {
	if fault == nil {
		return errors.New("it has no records")
	}
	return fault
}

// Genesis is the hash that a ledger's first commit names as its predecessor's.
func Genesis(ledgerID string) domain.Hash { return sha256.Sum256([]byte(ledgerID)) }

// chain follows a log commit by commit and proves that each is the successor of
// the one before.
type chain struct {
	realm   string
	genesis domain.Hash
	at      domain.Position
	time    time.Time // of the commit at at, zero if not known
}

// next decodes m and moves on to it. Anything but the one commit that belongs
// there is a *Fault.
func (c *chain) next(m Message) (domain.Commit, error) {
	commit, err := ReadCommit(c.realm, m)
	if err != nil {
		return commit, &Fault{Stream: m.Stream, Seq: c.at.Seq + 1, Err: err}
	}
	prev := c.at.Hash
	if c.at.Seq == 0 {
		prev = c.genesis
	}
	switch {
	case m.Stream != c.at.Stream+1:
		err = fmt.Errorf("stream position %d does not follow %d", m.Stream, c.at.Stream)
	case commit.First != c.at.Seq+1:
		err = fmt.Errorf("record %d does not follow record %d", commit.First, c.at.Seq)
	case commit.Prev != prev:
		err = errors.New("its chain hash does not fit the commit before: one of the two is not what was written")
	case commit.Time.Before(c.time):
		err = errors.New("its time lies before that of the commit before")
	}
	if err != nil {
		return commit, &Fault{Stream: m.Stream, Seq: c.at.Seq + 1, Err: err}
	}
	c.at, c.time = commit.End(), commit.Time
	return commit, nil
}
