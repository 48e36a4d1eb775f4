package loadgen

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"

	"authledger/domain"
)

// person is the assumed state of a user. It can differ from the ledger's state,
// because the generator does not see refusals.
type person struct {
	known    bool // the user is enrolled
	devices  [4]device
	passcode uint64 // number of the temporary passcode, 0 for none
	card     uint64 // number of the online card, 0 for none
	sharing  uint64 // number of the sharing by which the user borrows a device, 0 for none
}

// device is a device of a user.
type device struct {
	number uint64
	class  class
	state  deviceState
}

// class is a protection level: an index of classes, the lowest first.
type class uint8

const (
	app class = iota
	codeCard
	digitalCard
	gold
	platinum
	digitalCardPlus
)

var classes = [...]string{
	domain.IBKRMobile, domain.SecurityCodeCard, domain.DigitalSecurityCard, domain.Gold, domain.Platinum, domain.DigitalSecurityCardPlus,
}

func (c class) String() string { return classes[c] }

// deviceState is the state of a device.
type deviceState uint8

const (
	absent deviceState = iota
	ordered
	active
	dormant
	borrowed // from the person's other user name
	lost
)

// pick returns the last device in p.devices for which fits is true, or nil.
func (p *person) pick(fits func(*device) bool) *device {
	for i := len(p.devices) - 1; i >= 0; i-- {
		if h := &p.devices[i]; h.state != absent && fits(h) {
			return h
		}
	}
	return nil
}

// isUsable reports whether a device can authenticate the user.
func isUsable(h *device) bool { return h.state == active || h.state == borrowed }

func isApp(h *device) bool  { return h.class == app && h.state == active }
func isPlus(h *device) bool { return h.class == digitalCardPlus && h.state == active }
func isCard(h *device) bool { return h.class != app && h.state == active }
func isLost(h *device) bool { return h.state == lost }

// hasNumber returns a predicate for the device with a number.
func hasNumber(n uint64) func(*device) bool { return func(h *device) bool { return h.number == n } }

// addDevice adds a device in a free place, or in the place of a lost device. It
// reports whether there was a place.
func (p *person) addDevice(h device) bool {
	for _, free := range [...]deviceState{absent, lost} {
		for i := range p.devices {
			if p.devices[i].state == free {
				p.devices[i] = h
				return true
			}
		}
	}
	return false
}

// strongest returns the physical device of the highest class, active or dormant, or
// nil.
func (p *person) strongest() (best *device) {
	for i := range p.devices {
		h := &p.devices[i]
		if h.class != app && (h.state == active || h.state == dormant) && (best == nil || h.class > best.class) {
			best = h
		}
	}
	return best
}

// changeAll changes the state of all physical devices from one state to another.
func (p *person) changeAll(from, to deviceState) {
	for i := range p.devices {
		if h := &p.devices[i]; h.class != app && h.state == from {
			h.state = to
		}
	}
}

// Of groupSize user names the first groupPair belong to one person with one account.
const (
	groupSize = 5
	groupPair = 2
)

// otherName returns the index of the person's other user name. It returns false if the person has one user name.
func (b *brokerage) otherName(i int) (int, bool) {
	if i%groupSize >= groupPair {
		return 0, false
	}
	j := i - i%groupSize + (groupPair - 1 - i%groupSize)
	return j, j < len(b.persons)
}

func ownerOf(i int) int {
	if i%groupSize < groupPair {
		return i - i%groupSize
	}
	return i
}

func accountOf(i int) string { return "U" + strconv.Itoa(1_000_000+ownerOf(i)) }

// Of fingerprintCycle users one has no recorded fingerprint, and one has the
// fingerprint of another person.
const (
	fingerprintCycle   = 50
	fingerprintMissing = 6
	fingerprintWrong   = 11
	wrongPerson        = 1 << 32
)

// fingerprintOf returns a text like a gateway's keyed hash, or "" for none.
func fingerprintOf(i int) string {
	of := ownerOf(i)
	switch i % fingerprintCycle {
	case fingerprintMissing:
		return ""
	case fingerprintWrong:
		of += wrongPerson
	}
	sum := sha256.Sum256(strconv.AppendInt(nil, int64(of), 10))
	return hex.EncodeToString(sum[:])
}
