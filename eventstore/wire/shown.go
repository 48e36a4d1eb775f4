package wire

import (
	"encoding/hex"

	"authledger/domain"
)

// sealedText replaces the personal data of a record.
const sealedText = "sealed"

// Texts that replace personal data whose key was destroyed on purpose.
const (
	erasedText  = "erased"
	expiredText = "erased after the retention" // of an unattributed attempt (PERSON-4)
)

// AppendShown appends r as AppendRecord does, with a fixed text in place of the sealed
// members. It is the form in which records are shown to people. The members of the command
// have their stored names, so that a reader can compute the hash of the content again. A record
// without its case (see [domain.Record.WithoutCase]) has no source, id, caller and hash.
func AppendShown(b []byte, r *domain.Record) []byte {
	return appendShown(b, r, sealedText)
}

// AppendErased appends r as AppendShown does, with the sealed members marked as erased. The mark of
// an unattributed attempt states that its retention has ended.
func AppendErased(b []byte, r *domain.Record) []byte {
	if r.MonthOwner() != "" {
		return appendShown(b, r, expiredText)
	}
	return appendShown(b, r, erasedText)
}

func appendShown(b []byte, r *domain.Record, personal string) []byte {
	var line shownRecord
	line.set(r)
	if r.Personal != nil {
		line.sealed, line.record.Personal = personal, nil
	}
	w := writer{b: b, stored: true}
	w.object(&line)
	return visible(w.b, len(b))
}

// shownRecord lists the members of a shown record. It is only written.
type shownRecord struct {
	recordLine
	sealed string
}

func (l *shownRecord) Members(v domain.Visitor) {
	l.recordLine.Members(v)
	v.Text("personal", &l.sealed, domain.Free)
}

// hashOf returns the content hash of a record in hex, "" for a record without its case.
func hashOf(r *domain.Record) string {
	if r.IsWithoutCase() {
		return ""
	}
	return hex.EncodeToString(r.Content[:])
}

// AppendRevealed appends r as AppendShown does, with plain, the result of [Personal], as the
// personal data. With a nil plain, it is AppendShown.
func AppendRevealed(b []byte, r *domain.Record, plain []byte) []byte {
	if plain == nil {
		return AppendShown(b, r)
	}
	var line shownRecord
	line.set(r)
	line.record.Personal = nil
	from := len(b)
	w := writer{b: b, stored: true}
	w.object(&line)
	b = append(w.b[:len(w.b)-1], `,"personal":`...)
	return visible(append(append(b, plain...), '}'), from)
}
