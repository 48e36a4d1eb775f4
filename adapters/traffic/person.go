package traffic

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"

	"authledger/domain"
)

// person is what a telling remembers of a user. It is what the user believes:
// the ledger may have refused it.
type person struct {
	known    bool // has been here before
	devices  [4]holding
	passcode uint64 // number of the temporary one, 0 for none
	card     uint64 // of the online card
	sharing  uint64 // of the one that lends the user a device
}

// holding is a device in somebody's hands.
type holding struct {
	number uint64
	class  class
	state  standing
}

// class is a protection level: an index of classes.
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

// standing is how a device is.
type standing uint8

const (
	absent standing = iota
	ordered
	active
	dormant
	borrowed // from another user
	lost
)

// pick is a device that fits, nil if there is none. The newest fits best.
func (p *person) pick(fits func(*holding) bool) *holding {
	for i := len(p.devices) - 1; i >= 0; i-- {
		if h := &p.devices[i]; h.state != absent && fits(h) {
			return h
		}
	}
	return nil
}

// usable is a device that lets the user in.
func usable(h *holding) bool { return h.state == active || h.state == borrowed }

func isApp(h *holding) bool  { return h.class == app && h.state == active }
func isPlus(h *holding) bool { return h.class == digitalCardPlus && h.state == active }
func isCard(h *holding) bool { return h.class != app && h.state == active }
func isLost(h *holding) bool { return h.state == lost }

// numbered is a device by its number.
func numbered(n uint64) func(*holding) bool { return func(h *holding) bool { return h.number == n } }

// hold takes a device, in place of a lost one if there are many. It reports
// whether there was room.
func (p *person) hold(h holding) bool {
	for _, room := range [...]standing{absent, lost} {
		for i := range p.devices {
			if p.devices[i].state == room {
				p.devices[i] = h
				return true
			}
		}
	}
	return false
}

// strongest is the best physical device, active or dormant, nil if there is none.
func (p *person) strongest() (best *holding) {
	for i := range p.devices {
		h := &p.devices[i]
		if h.class != app && (h.state == active || h.state == dormant) && (best == nil || h.class > best.class) {
			best = h
		}
	}
	return best
}

// setAll changes all physical devices of one standing.
func (p *person) setAll(from, to standing) {
	for i := range p.devices {
		if h := &p.devices[i]; h.class != app && h.state == from {
			h.state = to
		}
	}
}

// Of five user names the first two are one person's, with one account.
const (
	namesPer = 5
	paired   = 2
)

// other is the person's other user name, if there is one.
func (b *brokerage) other(i int) (int, bool) {
	if i%namesPer >= paired {
		return 0, false
	}
	j := i - i%namesPer + (paired - 1 - i%namesPer)
	return j, j < len(b.people)
}

func holder(i int) int {
	if i%namesPer < paired {
		return i - i%namesPer
	}
	return i
}

func accountOf(i int) string { return "U" + strconv.Itoa(1_000_000+holder(i)) }

// Of fifty users one has no fingerprint on record, and one another person's.
const (
	recordedIn   = 50
	unrecorded   = 6
	misrecorded  = 11
	recordedElse = 1 << 32
)

// fingerprintOf is as a gateway's keyed hash looks, "" if there is none.
func fingerprintOf(i int) string {
	of := holder(i)
	switch i % recordedIn {
	case unrecorded:
		return ""
	case misrecorded:
		of += recordedElse
	}
	sum := sha256.Sum256(strconv.AppendInt(nil, int64(of), 10))
	return hex.EncodeToString(sum[:])
}
