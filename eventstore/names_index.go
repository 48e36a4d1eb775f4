package eventstore

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"sync"
)

// nameIndex holds the slots of the key ring by the name of the person. It holds no name: its key is
// a hash that depends on a random secret of the process, so that a copy of the index alone is no test
// for guessed names. Two names never have one hash in practice, and the pseudonym of another name under
// a slot differs from the recorded one. The two maps take about 100 bytes for each person. The zero value
// is ready for use. It is safe for concurrent use.
type nameIndex struct {
	mu     sync.RWMutex
	secret []byte
	slots  map[nameHash]uint32
	hashes map[uint32]nameHash
}

// nameHash is the first half of an HMAC-SHA-256.
type nameHash [sha256.Size / 2]byte

// get returns the slot of the person with a name, 0 if the index does not hold the name.
func (x *nameIndex) get(name string) uint32 {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if x.slots == nil {
		return 0
	}
	return x.slots[x.hash(name)]
}

func (x *nameIndex) put(name string, slot uint32) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.slots == nil {
		x.slots, x.hashes = make(map[nameHash]uint32), make(map[uint32]nameHash)
		x.secret = make([]byte, sha256.Size)
		rand.Read(x.secret)
	}
	h := x.hash(name)
	x.slots[h], x.hashes[slot] = slot, h
}

// remove removes the person whose key is in a slot. It keeps a new person with the name.
func (x *nameIndex) remove(slot uint32) {
	x.mu.Lock()
	defer x.mu.Unlock()
	h, isPerson := x.hashes[slot]
	if isPerson && x.slots[h] == slot {
		delete(x.slots, h)
	}
	delete(x.hashes, slot)
}

func (x *nameIndex) hash(name string) (h nameHash) {
	mac := hmac.New(sha256.New, x.secret)
	mac.Write([]byte(name))
	copy(h[:], mac.Sum(nil))
	return h
}
