package domain

import (
	"fmt"
	"strings"
)

// Entity is a consistency boundary that a record belongs to: "user/<name>",
// "account/<id>", "source/<bucket>" or "system/<topic>".
type Entity string

// SystemPolicy is the entity of policy.adopt.
const SystemPolicy Entity = "system/policy"

// SystemSharing is the entity of what was asked about a sharing of which no
// user is known.
const SystemSharing Entity = "system/sharing"

// Buckets is how many entities the addresses of unattributed attempts fall
// into (LOGIN-9).
const Buckets = 1024

const (
	userPrefix    = "user/"
	accountPrefix = "account/"
	sourcePrefix  = "source/"
)

// UserEntity is the entity of a user.
func UserEntity(name string) Entity { return Entity(userPrefix + name) }

// AccountEntity is the entity of an account.
func AccountEntity(id string) Entity { return Entity(accountPrefix + id) }

// SourceEntity is the entity of a bucket of client addresses, 0 ≤ bucket < [Buckets].
func SourceEntity(bucket int) Entity { return Entity(fmt.Sprintf(sourcePrefix+"%04d", bucket)) }

// User returns the user's name, and whether e is a user.
func (e Entity) User() (string, bool) { return strings.CutPrefix(string(e), userPrefix) }

// Account returns the account's id, and whether e is an account.
func (e Entity) Account() (string, bool) { return strings.CutPrefix(string(e), accountPrefix) }

// HasState reports whether e has a state of its own, whose clock is e's.
func (e Entity) HasState() bool {
	return strings.HasPrefix(string(e), userPrefix) || strings.HasPrefix(string(e), accountPrefix)
}

// Source reports whether e is a bucket of client addresses.
func (e Entity) Source() bool { return strings.HasPrefix(string(e), sourcePrefix) }
