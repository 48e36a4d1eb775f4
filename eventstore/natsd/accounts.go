package natsd

import (
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nkeys"
)

// Accounts beside that of the log, which has no name and no way in from outside.
// What one account holds, another can't even name: what crosses is in [Crossing].
const (
	nodeAccount   = "NODE"    // the node's services, and the streams they take from
	callerAccount = "CALLER_" // and a key: whoever comes from outside with it
)

// NodeUser is the name under which the node's own edge connects, in this process:
// to what callers reach. Without a name a connection in this process is to the log.
const NodeUser = "node"

// Crossing is what a caller and the node share; everything else either has for
// itself.
type Crossing struct {
	Asked []string // subjects of requests, with one answer each
	Heard []string // subjects that callers may be told of
}

// Permit is what somebody may do who has proved to hold a key.
type Permit struct {
	Publish, Subscribe []string // subjects; none means nothing
	Node               bool     // it is a node's own key: it may do everything but reach the log
}

func (p *Permit) equal(other *Permit) bool {
	return p.Node == other.Node && slices.Equal(p.Publish, other.Publish) && slices.Equal(p.Subscribe, other.Subscribe)
}

// Listening is how others reach the server.
type Listening struct {
	Address string      // host:port; port 0 picks one
	TLS     *tls.Config // nil for none: on this machine only

	// Admit says what the holder of a public key may do, and that it may come in at
	// all. It is asked at each connection, and again every second for those that
	// are: whose permit has changed or gone is cut off.
	Admit func(key string) (Permit, bool)

	Crossing Crossing
}

// recheckEvery is how long somebody stays who is no longer admitted.
const recheckEvery = time.Second

// door decides who comes in. Before [door.open] it lets in the log's own connection
// alone.
type door struct {
	admit func(key string) (Permit, bool)

	mu        sync.Mutex
	nats      *server.Server
	crossing  *Crossing
	log, node *server.Account
	callers   map[string]*server.Account // by key
	granted   map[string]Permit          // by key, to the first of those who are in
}

// Check implements server.Authentication.
func (d *door) Check(c server.ClientAuthentication) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if inProcess(c) {
		return d.admitOwn(c)
	}
	key := c.GetOpts().Nkey
	if d.node == nil || !proves(c, key) {
		return false
	}
	permit, ok := d.admit(key)
	if !ok {
		return false
	}
	user := &server.User{Username: key, Account: d.node}
	if !permit.Node {
		if user.Account, user.Permissions = d.caller(key), permissionsOf(&permit); user.Account == nil {
			return false
		}
	}
	if _, in := d.granted[key]; !in { // else recheck compares it, for those who are in
		d.granted[key] = permit
	}
	c.RegisterUser(user)
	return true
}

// caller is the account of a key, which is its alone: the server delivers an answer
// to whatever subject was named for it, in the account of who asked. It is nil if
// the holder has too many connections.
func (d *door) caller(key string) *server.Account {
	account, known := d.callers[key]
	if !known {
		account, _ = d.nats.LookupOrRegisterAccount(callerAccount + key)
		if err := d.crossing.reach(d.node, account); err != nil {
			d.nats.Errorf("let the caller %s reach the node: %v", key, err)
			return nil
		}
		d.callers[key] = account
	}
	if account.NumLocalConnections() >= connectionsOfOneMax {
		return nil
	}
	return account
}

func (d *door) admitOwn(c server.ClientAuthentication) bool {
	account := d.log
	if c.GetOpts().Username == NodeUser {
		account = d.node
	}
	if account == nil {
		return false
	}
	c.RegisterUser(&server.User{Username: c.GetOpts().Username, Account: account})
	return true
}

// inProcess: nothing that came over a network has such an address.
func inProcess(c server.ClientAuthentication) bool {
	at := c.RemoteAddress()
	return at != nil && at.Network() == "pipe"
}

// proves reports whether the connection holds the private part of key: it has
// signed what this server has just made up.
func proves(c server.ClientAuthentication, key string) bool {
	public, err := nkeys.FromPublicKey(key)
	if err != nil || !nkeys.IsValidPublicUserKey(key) || len(c.GetNonce()) == 0 {
		return false
	}
	signature, err := base64.RawURLEncoding.DecodeString(c.GetOpts().Sig)
	return err == nil && public.Verify(c.GetNonce(), signature) == nil
}

// permissionsOf never leaves a side open: to the server no list means everything.
func permissionsOf(p *Permit) *server.Permissions {
	return &server.Permissions{Publish: only(p.Publish), Subscribe: only(p.Subscribe)}
}

func only(subjects []string) *server.SubjectPermission {
	if len(subjects) == 0 {
		return &server.SubjectPermission{Deny: []string{">"}}
	}
	return &server.SubjectPermission{Allow: subjects}
}

// open makes the node's account and lets others in.
func (d *door) open(nats *server.Server, crossing *Crossing) error {
	node, _ := nats.LookupOrRegisterAccount(nodeAccount)
	if err := node.EnableJetStream(nil, nil); err != nil {
		return fmt.Errorf("recover the streams of the account %s: %w", nodeAccount, err)
	}
	if err := crossing.offer(node); err != nil {
		return fmt.Errorf("let callers reach the node: %w", err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.nats, d.crossing, d.node = nats, crossing, node
	d.callers, d.granted = make(map[string]*server.Account), make(map[string]Permit)
	return nil
}

// offer is the node's side of the crossing.
func (x *Crossing) offer(node *server.Account) error {
	var all error
	for _, subject := range x.Asked {
		all = errors.Join(all, node.AddServiceExportWithResponse(subject, server.Singleton, nil))
	}
	for _, subject := range x.Heard {
		all = errors.Join(all, node.AddStreamExport(subject, nil))
	}
	return all
}

// reach is a caller's side of it.
func (x *Crossing) reach(node, caller *server.Account) error {
	var all error
	for _, subject := range x.Asked {
		all = errors.Join(all, caller.AddServiceImport(node, subject, subject))
	}
	for _, subject := range x.Heard {
		all = errors.Join(all, caller.AddStreamImport(node, subject, ""))
	}
	return all
}

// recheck cuts off whose permit is no longer what it was.
func (d *door) recheck(nats *server.Server) {
	for _, key := range d.changed() {
		at, err := nats.Connz(&server.ConnzOptions{Username: true, User: key, Limit: connectionsMax})
		if err != nil {
			continue // the server is going down, and everybody with it
		}
		for _, c := range at.Conns {
			_ = nats.DisconnectClientByID(c.Cid) // or it is gone by itself
		}
	}
}

// changed are the keys that are granted something else by now, which are forgotten.
func (d *door) changed() (keys []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for key, granted := range d.granted {
		if now, ok := d.admit(key); !ok || !now.equal(&granted) {
			keys = append(keys, key)
			delete(d.granted, key)
		}
	}
	return keys
}
