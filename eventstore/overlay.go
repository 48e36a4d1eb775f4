package eventstore

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"authledger/domain"
)

// commandKey identifies a command. It is never reused.
type commandKey struct{ source, id string }

// layer is one commit that is decided and not folded: its records, the states after them,
// and the tickets that wait for them. The comment of sequencer states which goroutine owns
// a layer.
type layer struct {
	commit domain.Commit
	lines  []byte // the encoded records
	data   []byte // the bytes of the closed commit
	expect uint64 // stream position that the commit must follow

	users    map[string]domain.User
	accounts map[string]domain.Account
	clocks   map[domain.Entity]time.Time
	items    map[domain.ItemKey]domain.Item // nil: deleted
	policy   *domain.Policy                 // adopted in this layer, or nil
	ids      map[commandKey]int
	slots    map[string]uint32 // slots of the key ring that the layer assigned, by owner; 0 for a forgotten user
	persons  map[string]person // persons that the layer introduced, by name and by pseudonym
	lastSlot uint32            // the highest of these slots; 0 if the layer assigned no slot
	erases   bool              // a record of the layer erases a user
	folding  domain.Fold

	begun, sent time.Time // begin of deciding, and first dispatch

	waiting []*Ticket    // one for each record, in order of arrival
	outcome <-chan error // of the newest attempt to append the commit

	mu      sync.Mutex // guards folded and repeats, which foldCommits shares
	folded  bool
	repeats []repeat

	done atomic.Bool // foldCommits has answered all tickets and does not use the layer any more
}

// repeat is a ticket whose command is already recorded in the layer.
type repeat struct {
	ticket *Ticket
	record int
}

// attach makes t wait for a record of the layer. It reports false when the layer is already
// folded; the caller then answers t.
func (l *layer) attach(t *Ticket, record int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.folded {
		l.repeats = append(l.repeats, repeat{t, record})
	}
	return !l.folded
}

// close makes attach report false from now on, and returns the attached tickets.
func (l *layer) close() []repeat {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.folded = true
	return l.repeats
}

func newLayer() *layer {
	return &layer{
		users: make(map[string]domain.User), accounts: make(map[string]domain.Account),
		clocks: make(map[domain.Entity]time.Time), items: make(map[domain.ItemKey]domain.Item),
		ids: make(map[commandKey]int), slots: make(map[string]uint32),
		persons: make(map[string]person),
	}
}

// reuse returns an empty layer with the memory of l. The commit of l MUST be folded and
// answered, so that no other goroutine uses l.
func (l *layer) reuse() *layer {
	clear(l.commit.Records)
	clear(l.waiting)
	clear(l.users)
	clear(l.accounts)
	clear(l.clocks)
	clear(l.items)
	clear(l.ids)
	clear(l.slots)
	clear(l.persons)
	return &layer{
		commit: domain.Commit{Records: l.commit.Records[:0]}, lines: l.lines[:0], data: l.data[:0],
		users: l.users, accounts: l.accounts, clocks: l.clocks, items: l.items, ids: l.ids, slots: l.slots, waiting: l.waiting[:0],
		persons: l.persons,
	}
}

// add folds the newest record into the states of the layer and registers its ticket, which
// may be nil.
func (l *layer) add(states domain.States, t *Ticket) error {
	newest := len(l.commit.Records) - 1
	r := &l.commit.Records[newest]
	l.ids[commandKey{r.Command.Source, r.Command.ID}] = newest
	l.waiting = append(l.waiting, t)
	if user := r.Forgotten(); user != "" {
		l.erases, l.slots[string(domain.UserEntity(user))] = true, 0
	}
	return l.fold(r, states)
}

func (l *layer) fold(r *domain.Record, states domain.States) error {
	changes, err := l.folding.Take(states, r)
	if err != nil {
		return err
	}
	for i := range changes.Users {
		l.users[changes.Users[i].Name] = changes.Users[i].After
	}
	if a := &changes.Account; a.ID != "" {
		l.accounts[a.ID] = a.After
	}
	for _, c := range changes.Items {
		l.items[c.Key] = c.Item
	}
	for _, e := range r.Entities {
		if !e.HasState() {
			l.clocks[e] = r.Time
		}
	}
	if p := r.Adopted(); p != nil {
		l.policy = p
	}
	return nil
}

// Overlay is a state plus the commits that are decided and not yet folded into the state. The
// sequencer decides the next command on it. An Overlay is not safe for concurrent use.
type Overlay struct {
	state  State
	layers []*layer // oldest first
}

// NewOverlay returns an overlay of state with one empty commit, to which Add appends records.
func NewOverlay(state State) *Overlay { return &Overlay{state: state, layers: []*layer{newLayer()}} }

// Add appends r to the newest commit of the overlay. It reads the states before r from
// states, which is the overlay or wraps it.
func (o *Overlay) Add(r *domain.Record, states domain.States) error {
	l := o.newest()
	l.commit.Records = append(l.commit.Records, *r)
	if p := r.Personal; p != nil && p.Slot > 0 {
		l.assign(r.KeyOwner(), p.Slot)
	}
	return l.add(states, nil)
}

// Records returns the records of the newest commit.
func (o *Overlay) Records() []domain.Record { return o.newest().commit.Records }

func (o *Overlay) newest() *layer { return o.layers[len(o.layers)-1] }

// Knows reports whether a command with this source and id is recorded in the overlay or in
// its state.
func (o *Overlay) Knows(source, id string) (bool, error) {
	if _, _, found := o.find(commandKey{source, id}); found {
		return true, nil
	}
	_, _, found, err := o.state.Command(source, id)
	return found, err
}

func (o *Overlay) User(name string) (domain.User, error) {
	for i := len(o.layers) - 1; i >= 0; i-- {
		if u, ok := o.layers[i].users[name]; ok {
			return u, nil
		}
	}
	return o.state.User(name)
}

func (o *Overlay) Account(id string) (domain.Account, error) {
	for i := len(o.layers) - 1; i >= 0; i-- {
		if a, ok := o.layers[i].accounts[id]; ok {
			return a, nil
		}
	}
	return o.state.Account(id)
}

func (o *Overlay) Item(k domain.ItemKey) (domain.Item, error) {
	for i := len(o.layers) - 1; i >= 0; i-- {
		if it, ok := o.layers[i].items[k]; ok {
			return it, nil
		}
	}
	return o.state.Item(k)
}

// Withdrawals returns the withdrawals of the state with the changes of the layers, and the new
// withdrawals of the layers.
func (o *Overlay) Withdrawals(account string, since time.Time) ([]*domain.Withdrawal, error) {
	all, err := o.state.Withdrawals(account, since)
	if err != nil {
		return nil, err
	}
	for _, l := range o.layers {
		for k, it := range l.items {
			w, ok := it.(*domain.Withdrawal)
			if !ok || k.Owner != account || !w.Counts(since) {
				continue
			}
			i := slices.IndexFunc(all, func(o *domain.Withdrawal) bool { return o.ID == w.ID })
			if i < 0 {
				all = append(all, w)
				continue
			}
			all[i] = w
		}
	}
	return all, nil
}

func (o *Overlay) Clock(e domain.Entity) (time.Time, error) {
	for i := len(o.layers) - 1; i >= 0; i-- {
		if t, ok := o.layers[i].clocks[e]; ok {
			return t, nil
		}
	}
	return o.state.Clock(e)
}

func (o *Overlay) Policy() *domain.Policy {
	for i := len(o.layers) - 1; i >= 0; i-- {
		if p := o.layers[i].policy; p != nil {
			return p
		}
	}
	return o.state.Policy()
}

// recorded returns the layer and the index of record seq.
func (o *Overlay) recorded(seq uint64) (l *layer, record int, found bool) {
	for _, l := range o.layers {
		if c := &l.commit; len(c.Records) > 0 && c.Records[0].Seq <= seq && seq <= c.Records[len(c.Records)-1].Seq {
			return l, int(seq - c.Records[0].Seq), true
		}
	}
	return nil, 0, false
}

// find returns the layer and the index of the record of a command.
func (o *Overlay) find(key commandKey) (l *layer, record int, found bool) {
	for i := len(o.layers) - 1; i >= 0; i-- {
		if record, ok := o.layers[i].ids[key]; ok {
			return o.layers[i], record, true
		}
	}
	return nil, 0, false
}

// drop removes the layers that are folded and answered, and returns them.
func (o *Overlay) drop() []*layer {
	n := 0
	for n < len(o.layers) && o.layers[n].done.Load() {
		n++
	}
	dropped := slices.Clone(o.layers[:n])
	o.layers = append(o.layers[:0], o.layers[n:]...)
	return dropped
}
