package explain

import (
	"maps"
	"slices"
	"time"

	"authledger/domain"
)

// Fact is a part of a state that a verdict is based on, and the record that set it last.
type Fact struct {
	Seq   uint64
	At    time.Time     // effective time of the record
	Of    domain.Entity // the entity whose state contains the fact, "" for the realm
	Kind  string
	State domain.Data // of the type that [NewFactState] returns for the kind
	Says  string      // the fact as an English sentence

	item  domain.ItemKey // the item that the fact states; zero if the fact is a part of an entity's state
	part  string         // the part of the entity's state, see [UserParts]
	later int            // the number of records that set the part after this record
}

// Members lists the members of the fact in JSON.
func (f *Fact) Members(v domain.Visitor) {
	seq := int64(f.Seq)
	v.Count("seq", &seq, domain.Need)
	v.Instant("at", &f.At, domain.Need)
	v.Text("of", (*string)(&f.Of), domain.Free)
	v.Text("kind", &f.Kind, domain.Need)
	v.Text("says", &f.Says, domain.Need)
	v.Object("state", f.State, domain.Need)
}

// The kinds of facts. They are values of the JSON member "kind".
const (
	clockFact        = "clock"        // of any entity: the time of its newest record
	failureFact      = "failure"      // of a user: one counted failure
	lockFact         = "lock"         // of a user
	attemptFact      = "attempt"      // of a user
	fingerprintFact  = "fingerprint"  // of a user
	verificationFact = "verification" // of a user
	smsFact          = "sms"          // of a user: the newest SMS
	turnsFact        = "turns"        // of a user
	deviceFact       = "device"       // of a user
	codeFact         = "code"         // of a user: a live code, or the newest passcode or card
	oldCodeFact      = "old_code"     // of a user: any other code
	shareFact        = "share"        // of a user: a sharing in the state of one of its two users
	sharingFact      = "sharing"      // of the realm
	holderFact       = "holder"       // of the realm: the user who has a physical device
	joinersFact      = "joiners"      // of a user: the users who joined an app through the user
	labelFact        = "label"        // of the realm: a policy that was adopted before
	tokenFact        = "token"        // of the realm
	tokenClaimFact   = "token_claim"  // of the realm: the source, hash or NATS key of a token
	webhookFact      = "webhook"      // of the realm
	configSizeFact   = "config_size"  // of the realm: the numbers of tokens and webhooks
	zoneFact         = "zone"         // of an account
	withdrawalFact   = "withdrawal"   // of an account

	holdFact            = "hold"             // of a user
	forgottenFact       = "forgotten"        // of a user: the erasure
	openWithdrawalsFact = "open_withdrawals" // of the realm: the number of open withdrawals of a user
)

// factKinds holds every kind of fact by its name.
var factKinds = factTable(systemFactKinds, loginFactKinds, lockoutFactKinds, identityFactKinds, deviceFactKinds,
	codeFactKinds, sharingFactKinds, policyFactKinds, configFactKinds, withdrawalFactKinds, personFactKinds)

// fact is a kind of fact, with the type of its state.
type fact[S domain.Data] struct {
	name string
	// empty returns a new state without members.
	empty func() domain.Data
	// text returns the sentence that states the fact as it was before the record.
	text func(f *Fact, s S) string
	// restore puts the fact into states.
	restore func(to *States, f *Fact, s S)
	// id returns the id of the device, code or other thing that the fact is about. Optional.
	id func(s S) string
}

// factKind is a [fact] with a state of any type.
type factKind interface {
	kind() string
	state() domain.Data
	say(f *Fact) string
	put(to *States, f *Fact)
	idOf(f *Fact) string
}

func (k fact[S]) kind() string            { return k.name }
func (k fact[S]) state() domain.Data      { return k.empty() }
func (k fact[S]) say(f *Fact) string      { return k.text(f, f.State.(S)) }
func (k fact[S]) put(to *States, f *Fact) { k.restore(to, f, f.State.(S)) }
func (k fact[S]) idOf(f *Fact) string {
	if k.id == nil {
		return ""
	}
	return k.id(f.State.(S))
}

func factTable(topics ...[]factKind) map[string]factKind {
	all := map[string]factKind{}
	for _, topic := range topics {
		for _, k := range topic {
			all[k.kind()] = k
		}
	}
	return all
}

// FactKinds returns all kinds of facts, sorted.
func FactKinds() []string { return slices.Sorted(maps.Keys(factKinds)) }

// NewFactState returns an empty state of a kind of fact, nil if the kind is unknown.
func NewFactState(kind string) domain.Data {
	k, ok := factKinds[kind]
	if !ok {
		return nil
	}
	return k.state()
}

// user returns the user whose state contains the fact, "" for the state of another entity.
func (f *Fact) user() string {
	name, _ := f.Of.User()
	return name
}

// id returns the id of the device, code or other thing that the fact is about, "" if the
// fact is about the entity itself.
func (f *Fact) id() string { return factKinds[f.Kind].idOf(f) }

// FactClock is the clock of an entity: the time of its newest record.
type FactClock struct {
	Clock      time.Time
	Backfilled bool // of a user: the newest record is a backfill
}

// Members lists the members of the state.
func (c *FactClock) Members(v domain.Visitor) {
	v.Instant("clock", &c.Clock, domain.Need)
	v.Flag("backfilled", &c.Backfilled, domain.Free)
}

// FactInstant is the time of a failure, a verification or an SMS.
type FactInstant struct{ At time.Time }

// Members lists the members of the state.
func (i *FactInstant) Members(v domain.Visitor) { v.Instant("at", &i.At, domain.Need) }

// FactText is a fingerprint, or the zone of an account's sums.
type FactText struct{ Text string }

// Members lists the members of the state.
func (t *FactText) Members(v domain.Visitor) { v.Text("text", &t.Text, domain.Need) }
