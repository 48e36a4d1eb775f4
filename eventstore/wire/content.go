package wire

import (
	"crypto/sha256"
	"sync"

	"authledger/domain"
)

var writers = sync.Pool{New: func() any { return new(writer) }}

// Content is the hash of what makes two commands of one id the same: type,
// time unless the ledger set it, and the lasting data. anonymous leaves
// a login's user out, as the record of an unattributed attempt does.
func Content(c *domain.Command, anonymous bool) domain.Hash {
	w := writers.Get().(*writer)
	defer writers.Put(w)
	w.b, w.part, w.name = w.b[:0], lasting, nil
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

// Personal returns the members of c that are to be sealed as a JSON object, nil
// if there are none. An unattributed attempt's user is one if it was unknown,
// and is dropped if it was bad, because people type passwords there.
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
