package eventstore

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"authledger/domain"
)

// commandKey names a command for ever.
type commandKey struct{ source, id string }

// layer is one commit that is decided but not folded yet: its records, the
// states that they lead to, and who waits for them.
type layer struct {
	commit domain.Commit
	lines  []byte // the encoded records
	data   []byte // the commit's bytes, once it is closed
	expect uint64 // stream position that it must follow

	users    map[string]domain.User
	accounts map[string]domain.Account
	clocks   map[domain.Entity]time.Time
	items    map[domain.ItemKey]domain.Item // nil: it is gone
	policy   *domain.Policy                 // adopted in this layer, or nil
	ids      map[commandKey]int
	taking   domain.Fold

	begun, sent time.Time // when deciding began, and when it was sent first

	waiting []*Ticket    // in order of arrival, one a record
	outcome <-chan error // of sending it

	mu      sync.Mutex // guards what follows, which the folding goroutine shares
	folded  bool
	repeats []repeat

	done atomic.Bool // all are answered: the folding goroutine is through with it
}

// repeat is a ticket whose command stands in the layer already.
type repeat struct {
	ticket *Ticket
	record int
}

// attach lets t wait for a record of the layer, and reports false when the
// record is answered already.
func (l *layer) attach(t *Ticket, record int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.folded {
		l.repeats = append(l.repeats, repeat{t, record})
	}
	return !l.folded
}

// answered ends the waiting, and returns who repeated a command of the layer.
func (l *layer) answered() []repeat {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.folded = true
	return l.repeats
}

func newLayer() *layer {
	return &layer{
		users: make(map[string]domain.User), accounts: make(map[string]domain.Account),
		clocks: make(map[domain.Entity]time.Time), items: make(map[domain.ItemKey]domain.Item),
		ids: make(map[commandKey]int),
	}
}

// reuse makes l as new, but for the room that it has. Its commit is folded and
// answered: nobody else knows of it any more.
func (l *layer) reuse() *layer {
	clear(l.commit.Records)
	clear(l.waiting)
	clear(l.users)
	clear(l.accounts)
	clear(l.clocks)
	clear(l.items)
	clear(l.ids)
	return &layer{
		commit: domain.Commit{Records: l.commit.Records[:0]}, lines: l.lines[:0], data: l.data[:0],
		users: l.users, accounts: l.accounts, clocks: l.clocks, items: l.items, ids: l.ids, waiting: l.waiting[:0],
	}
}

// add lets the layer's states know of its newest record, and of who waits for
// it, if anybody.
func (l *layer) add(states domain.States, t *Ticket) error {
	newest := len(l.commit.Records) - 1
	r := &l.commit.Records[newest]
	l.ids[commandKey{r.Command.Source, r.Command.ID}] = newest
	l.waiting = append(l.waiting, t)
	return l.fold(r, states)
}

func (l *layer) fold(r *domain.Record, states domain.States) error {
	changes, err := l.taking.Take(states, r)
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

// overlay is the state with the layers above it, oldest first: what the next
// command is decided on.
type overlay struct {
	state  State
	layers []*layer
}

func (o *overlay) User(name string) (domain.User, error) {
	for i := len(o.layers) - 1; i >= 0; i-- {
		if u, ok := o.layers[i].users[name]; ok {
			return u, nil
		}
	}
	return o.state.User(name)
}

func (o *overlay) Account(id string) (domain.Account, error) {
	for i := len(o.layers) - 1; i >= 0; i-- {
		if a, ok := o.layers[i].accounts[id]; ok {
			return a, nil
		}
	}
	return o.state.Account(id)
}

func (o *overlay) Item(k domain.ItemKey) (domain.Item, error) {
	for i := len(o.layers) - 1; i >= 0; i-- {
		if it, ok := o.layers[i].items[k]; ok {
			return it, nil
		}
	}
	return o.state.Item(k)
}

// Withdrawals are those that the state knows, as the layers have left them.
func (o *overlay) Withdrawals(account string, since time.Time) ([]*domain.Withdrawal, error) {
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

func (o *overlay) Clock(e domain.Entity) (time.Time, error) {
	for i := len(o.layers) - 1; i >= 0; i-- {
		if t, ok := o.layers[i].clocks[e]; ok {
			return t, nil
		}
	}
	return o.state.Clock(e)
}

func (o *overlay) Policy() *domain.Policy {
	for i := len(o.layers) - 1; i >= 0; i-- {
		if p := o.layers[i].policy; p != nil {
			return p
		}
	}
	return o.state.Policy()
}

// recorded finds a record in the layers.
func (o *overlay) recorded(seq uint64) (l *layer, record int, found bool) {
	for _, l := range o.layers {
		if c := &l.commit; len(c.Records) > 0 && c.Records[0].Seq <= seq && seq <= c.Records[len(c.Records)-1].Seq {
			return l, int(seq - c.Records[0].Seq), true
		}
	}
	return nil, 0, false
}

// find looks for a command in the layers.
func (o *overlay) find(key commandKey) (l *layer, record int, found bool) {
	for i := len(o.layers) - 1; i >= 0; i-- {
		if record, ok := o.layers[i].ids[key]; ok {
			return o.layers[i], record, true
		}
	}
	return nil, 0, false
}

// drop lets go of the layers that are folded and answered, and returns them.
func (o *overlay) drop() []*layer {
	n := 0
	for n < len(o.layers) && o.layers[n].done.Load() {
		n++
	}
	dropped := slices.Clone(o.layers[:n])
	o.layers = append(o.layers[:0], o.layers[n:]...)
	return dropped
}
