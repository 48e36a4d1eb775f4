package wire

import (
	"crypto/sha256"
	"sync"

	"authledger/domain"
)

var writers = sync.Pool{New: func() any { return new(writer) }}

// Content returns the hash of the content of c: its type, its time unless the ledger set it,
// and its data without personal members. Commands with one id and one content are
// duplicates. With anonymous, the hash leaves out the user of a login, as the record
// of an unattributed attempt does.
func Content(c *domain.Command, anonymous bool) domain.Hash {
	w := writers.Get().(*writer)
	defer writers.Put(w)
	w.b, w.part, w.name, w.stored = w.b[:0], lasting, nil, true
	if anonymous {
		w.name, _, _ = c.LoginName()
	}
	w.b = append(w.b, c.Data.CommandType()...)
	w.b = append(w.b, '\n')
	if !c.Stamped {
		w.b = AppendTime(w.b, c.Time)
	}
	w.b = append(w.b, '\n')
	w.object(c.Data)
	return sha256.Sum256(w.b)
}

// Personal returns the members of c that must be sealed, as a JSON object, or nil if c has
// none. The user of an unattributed attempt is one of them if the user was unknown. It is
// dropped if the name was invalid, because people type passwords there.
func Personal(c *domain.Command, anonymous bool) []byte {
	w := writer{part: personal}
	if name, unknown, login := c.LoginName(); anonymous && login && unknown {
		w.name = name
	}
	w.object(c.Data)
	if len(w.b) == len("{}") {
		return nil
	}
	return w.b
}
