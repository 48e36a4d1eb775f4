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

// Accounts of the server. A client of one account cannot name the streams and subjects of
// another account, except the subjects of [Crossing]. No client of another process can
// connect to the log's account.
const (
	LogAccount    = "$G"      // of the log: nats-server's global account
	NodeAccount   = "NODE"    // of the node's services and their streams
	callerAccount = "CALLER_" // prefix of a caller's account; the caller's public key follows
)

// NodeUser is the user name of in-process connections to the node's account. An in-process
// connection without a user name is to the log's account.
const NodeUser = "node"

// Crossing lists the subjects that pass between the accounts of the callers and the account
// of the node.
type Crossing struct {
	Requests []string // from callers to the node, with one reply each
	Events   []string // from the node to the callers
}

// Permit holds the rights of the holder of a key.
type Permit struct {
	Publish, Subscribe []string // allowed subjects; an empty list allows none
	Node               bool     // the key of a node, with all rights except access to the log
}

func (p *Permit) equal(other *Permit) bool {
	return p.Node == other.Node && slices.Equal(p.Publish, other.Publish) && slices.Equal(p.Subscribe, other.Subscribe)
}

// Listening configures the port for other processes.
type Listening struct {
	Address string      // host:port; port 0 selects a free port
	TLS     *tls.Config // nil for no TLS, on a local address only

	// Admit returns the permit of the holder of a public key; false rejects the
	// connection. The server calls it at each connection, and every second for open
	// connections. It closes the connections of a key whose permit has changed. Admit
	// MUST be safe for concurrent use.
	Admit func(key string) (Permit, bool)

	Crossing Crossing
}

// recheckEvery is the interval at which open connections are checked. It bounds the time
// for which a revoked key stays connected.
const recheckEvery = time.Second

// authenticator authenticates connections. Before [authenticator.open] it accepts only
// in-process connections to the log's account.
type authenticator struct {
	admit func(key string) (Permit, bool)

	mu        sync.Mutex
	nats      *server.Server
	crossing  *Crossing
	log, node *server.Account
	callers   map[string]*server.Account // by key
	granted   map[string]Permit          // by key, at its first open connection
}

// Check implements server.Authentication.
func (d *authenticator) Check(c server.ClientAuthentication) bool {
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
	if _, in := d.granted[key]; !in { // keep an older permit: recheck compares it for the open connections
		d.granted[key] = permit
	}
	c.RegisterUser(user)
	return true
}

// caller returns the account of a key, and creates it at the first connection. No other key
// shares the account, because the server delivers a reply to any reply subject that the
// request names within its account. caller returns nil if the key has too many connections.
func (d *authenticator) caller(key string) *server.Account {
	account, known := d.callers[key]
	if !known {
		account, _ = d.nats.LookupOrRegisterAccount(callerAccount + key)
		if err := d.crossing.reach(d.node, account); err != nil {
			d.nats.Errorf("connect the account of caller %s to the node: %v", key, err)
			return nil
		}
		d.callers[key] = account
	}
	if account.NumLocalConnections() >= connectionsOfOneMax {
		return nil
	}
	return account
}

func (d *authenticator) admitOwn(c server.ClientAuthentication) bool {
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

// inProcess reports whether the connection is from this process. No network connection has
// an address of type pipe.
func inProcess(c server.ClientAuthentication) bool {
	at := c.RemoteAddress()
	return at != nil && at.Network() == "pipe"
}

// proves reports whether the client holds the private part of key: it has signed the nonce
// that this server sent.
func proves(c server.ClientAuthentication, key string) bool {
	public, err := nkeys.FromPublicKey(key)
	if err != nil || !nkeys.IsValidPublicUserKey(key) || len(c.GetNonce()) == 0 {
		return false
	}
	signature, err := base64.RawURLEncoding.DecodeString(c.GetOpts().Sig)
	return err == nil && public.Verify(c.GetNonce(), signature) == nil
}

// permissionsOf returns the server's permissions of p. It denies all subjects for an empty
// list, because the server allows all subjects without a list.
func permissionsOf(p *Permit) *server.Permissions {
	return &server.Permissions{Publish: only(p.Publish), Subscribe: only(p.Subscribe)}
}

func only(subjects []string) *server.SubjectPermission {
	if len(subjects) == 0 {
		return &server.SubjectPermission{Deny: []string{">"}}
	}
	return &server.SubjectPermission{Allow: subjects}
}

// open creates the node's account and accepts connections to it and to caller accounts.
func (d *authenticator) open(nats *server.Server, crossing *Crossing) error {
	node, _ := nats.LookupOrRegisterAccount(NodeAccount)
	if err := node.EnableJetStream(nil, nil); err != nil {
		return fmt.Errorf("recover the streams of the account %s: %w", NodeAccount, err)
	}
	if err := crossing.offer(node); err != nil {
		return fmt.Errorf("export the subjects of the node: %w", err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.nats, d.crossing, d.node = nats, crossing, node
	d.callers, d.granted = make(map[string]*server.Account), make(map[string]Permit)
	return nil
}

// offer exports the subjects from the node's account.
func (x *Crossing) offer(node *server.Account) error {
	var all error
	for _, subject := range x.Requests {
		all = errors.Join(all, node.AddServiceExportWithResponse(subject, server.Singleton, nil))
	}
	for _, subject := range x.Events {
		all = errors.Join(all, node.AddStreamExport(subject, nil))
	}
	return all
}

// reach imports the subjects into a caller's account.
func (x *Crossing) reach(node, caller *server.Account) error {
	var all error
	for _, subject := range x.Requests {
		all = errors.Join(all, caller.AddServiceImport(node, subject, subject))
	}
	for _, subject := range x.Events {
		all = errors.Join(all, caller.AddStreamImport(node, subject, ""))
	}
	return all
}

// recheck closes the connections of the keys whose permit has changed.
func (d *authenticator) recheck(nats *server.Server) {
	for _, key := range d.changed() {
		at, err := nats.Connz(&server.ConnzOptions{Username: true, User: key, Limit: connectionsMax})
		if err != nil {
			continue // the server is shutting down and closes all connections
		}
		for _, c := range at.Conns {
			_ = nats.DisconnectClientByID(c.Cid) // an error means that it is already closed
		}
	}
}

// changed returns the keys whose permit has changed since the server granted it, and removes
// these keys from granted.
func (d *authenticator) changed() (keys []string) {
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
