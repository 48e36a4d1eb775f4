package jetstream

import (
	"crypto/rand"
	"hash/maphash"
	"strconv"
	"sync"
)

// sentMax is how many appends the line remembers: far more than are ever
// without an answer at once.
const sentMax = 2 * appendsInFlightMax

// line is what one Store has sent, so that a message sent behind another of
// ours can't land behind a stranger's. While a fence is lost and not read back,
// nothing at or above its position is sent at all.
type line struct {
	mu     sync.Mutex
	nonce  string
	seed   maphash.Seed
	sent   map[uint64]string // id of our latest message by the position it was to take
	broken uint64            // position of the lowest lost fence, 0 if none
}

func newLine() *line {
	return &line{nonce: rand.Text(), seed: maphash.MakeSeed(), sent: map[uint64]string{}}
}

// id is the same for the same bytes sent again to the same position, and for
// no other message: a successor's expectation must hold whichever copy of its
// predecessor was the one stored.
func (l *line) id(position uint64, data []byte) string {
	text := make([]byte, 0, 64)
	text = append(text, l.nonce...)
	text = append(text, '.')
	text = strconv.AppendUint(text, position, 36)
	text = append(text, '.')
	return string(strconv.AppendUint(text, maphash.Bytes(l.seed, data), 36))
}

// send calls publish with the id of our own message at the position before,
// empty if we sent none there, in the order of the calls. It reports false,
// without publishing, above a lost fence.
func (l *line) send(position uint64, id string, publish func(after string) error) (sent bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.broken > 0 && position > l.broken {
		return false, nil
	}
	after := l.sent[position-1]
	l.sent[position] = id
	if len(l.sent) > sentMax {
		for at := range l.sent {
			if at+sentMax/2 < position {
				delete(l.sent, at)
			}
		}
	}
	return true, publish(after)
}

func (l *line) lost(position uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.broken == 0 || position < l.broken {
		l.broken = position
	}
}

// readBack ends a lost fence: whoever reads there knows what stands there.
func (l *line) readBack(position uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.broken == 0 || position < l.broken {
		return
	}
	for at := range l.sent {
		if at >= l.broken {
			delete(l.sent, at)
		}
	}
	l.broken = 0
}
