package backup

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"authledger/domain"
)

// Names of the files of a backup.
const (
	manifestName = "backup.json"
	ledgerName   = "ledger.json"
)

// formatVersion is the version of the layout of a backup and of its segments.
const formatVersion = 1

// Manifest describes a complete backup.
type Manifest struct {
	Format   int       `json:"format"`
	Realm    string    `json:"realm"`
	LedgerID string    `json:"ledgerId"`
	Ledger   string    `json:"ledger"` // SHA-256 of ledger.json
	Rules    int       `json:"rules"`  // version of the rules of the program that wrote the backup
	Time     time.Time `json:"time"`   // instant of the backup
	Segments []Segment `json:"segments"`
}

// Segment describes one file of commits.
type Segment struct {
	File   string `json:"file"`
	First  uint64 `json:"first"`  // stream position of the first commit
	Last   uint64 `json:"last"`   // stream position of the last commit
	Seq    uint64 `json:"seq"`    // last record
	Hash   string `json:"hash"`   // of the last commit
	Bytes  int    `json:"bytes"`  // size of the file
	SHA256 string `json:"sha256"` // of the file
}

// End returns the position of the last commit of the backup.
func (m *Manifest) End() domain.Position {
	if len(m.Segments) == 0 {
		return domain.Position{}
	}
	return m.Segments[len(m.Segments)-1].end()
}

// end returns the position of the last commit of a segment whose hash was checked.
func (s *Segment) end() domain.Position {
	at := domain.Position{Seq: s.Seq, Stream: s.Last}
	hex.Decode(at.Hash[:], []byte(s.Hash)) // decodeManifest has checked the digits
	return at
}

// sealed is a JSON document with the SHA-256 of its bytes.
type sealed struct {
	Content json.RawMessage `json:"content"`
	SHA256  string          `json:"sha256"`
}

// encodeSealed returns v as a JSON document with a checksum.
func encodeSealed(v any) ([]byte, error) {
	content, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	data, err := json.Marshal(sealed{content, hexSum(content)})
	return append(data, '\n'), err
}

// decodeSealed decodes a document of encodeSealed into v.
func decodeSealed(data []byte, v any) error {
	var s sealed
	if err := json.Unmarshal(data, &s); err != nil {
		return err
	}
	if hexSum(s.Content) != s.SHA256 {
		return fmt.Errorf("its SHA-256 is %s, want %s", hexSum(s.Content), s.SHA256)
	}
	return json.Unmarshal(s.Content, v)
}

func hexSum(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// decodeManifest decodes backup.json and checks that its segments follow one another.
func decodeManifest(path string, data []byte) (m Manifest, err error) {
	if err := decodeSealed(data, &m); err != nil {
		return m, damaged(path, 0, "the manifest of the backup is damaged: %w", err)
	}
	if m.Format != formatVersion {
		return m, &DamageError{Path: path, Err: fmt.Errorf(
			"the backup has format %d, this program reads %d: use a newer program", m.Format, formatVersion)}
	}
	if m.Rules > domain.Rules {
		return m, &DamageError{Path: path, Err: fmt.Errorf(
			"the backup needs version %d of the rules, this program has %d: use a newer program", m.Rules, domain.Rules)}
	}
	next := uint64(1)
	for i := range m.Segments {
		s := &m.Segments[i]
		hash, err := hex.DecodeString(s.Hash)
		isWhole := err == nil && len(hash) == len(domain.Hash{}) && s.First == next && s.Last >= s.First
		if !isWhole || s.File != segmentName(s.First, s.Last) || s.Bytes > segmentFileMax {
			return m, damaged(path, next, "the manifest of the backup lists an invalid segment %q", s.File)
		}
		next = s.Last + 1
	}
	return m, nil
}
