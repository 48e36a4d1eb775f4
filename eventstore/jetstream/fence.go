package jetstream

import (
	"crypto/rand"
	"hash/maphash"
	"strconv"
	"sync"
)

// sentMax is the maximum number of ids in a fence. It is larger than the number of appends that
// can be without an answer.
const sentMax = 2 * appendsInFlightMax

// fence holds the ids of the messages that one Store has sent. Each message names the id of
// the message that this Store sent before it, and the server rejects the message if the last
// stored message has another id. After a lost fence, the fence rejects all later positions
// until the position is read back. It is safe for concurrent use.
type fence struct {
	mu     sync.Mutex
	nonce  string
	seed   maphash.Seed
	sent   map[uint64]string // id of the newest message of this Store, by the position that it must take
	broken uint64            // position of the lowest lost fence; 0 if none
}

func newFence() *fence {
	return &fence{nonce: rand.Text(), seed: maphash.MakeSeed(), sent: map[uint64]string{}}
}

// id returns the id of a message. Each attempt to send identical bytes to one position has
// the same id, so that the next message can follow any of these attempts. No other message
// has this id.
func (l *fence) id(position uint64, data []byte) string {
	text := make([]byte, 0, 64)
	text = append(text, l.nonce...)
	text = append(text, '.')
	text = strconv.AppendUint(text, position, 36)
	text = append(text, '.')
	return string(strconv.AppendUint(text, maphash.Bytes(l.seed, data), 36))
}

// send calls publish with the id of the message that this Store sent for the position before,
// "" if it sent no message for that position. It serializes the calls. After a lost fence, it
// does not call publish and reports false.
func (l *fence) send(position uint64, id string, publish func(after string) error) (sent bool, err error) {
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

// lost records a lost fence at a position.
func (l *fence) lost(position uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.broken == 0 || position < l.broken {
		l.broken = position
	}
}

// readBack ends a lost fence, because the caller has read the message at that position or
// after it.
func (l *fence) readBack(position uint64) {
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
