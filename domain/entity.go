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

// SystemSharing is the entity of refused commands about an unknown sharing or an unknown user
//
const SystemSharing Entity = "system/sharing"

// Buckets is the number of entities for the client addresses of unattributed attempts
// (LOGIN-9).
const Buckets = 1024

const (
	userPrefix    = "user/"
	accountPrefix = "account/"
	sourcePrefix  = "source/"
	systemPrefix  = "system/"
)

// UserEntity returns the entity of a user.
func UserEntity(name string) Entity { return Entity(userPrefix + name) }

// AccountEntity returns the entity of an account.
func AccountEntity(id string) Entity { return Entity(accountPrefix + id) }

// SourceEntity returns the entity of a bucket of client addresses, 0 ≤ bucket < [Buckets].
func SourceEntity(bucket int) Entity { return Entity(fmt.Sprintf(sourcePrefix+"%04d", bucket)) }

// Known reports whether e has one of the four kinds and a name.
func (e Entity) Known() bool {
	kind, name, _ := strings.Cut(string(e), "/")
	switch kind + "/" {
	case userPrefix, accountPrefix, sourcePrefix, systemPrefix:
		return name != ""
	}
	return false
}

// User returns the user's name, and whether e is a user.
func (e Entity) User() (string, bool) { return strings.CutPrefix(string(e), userPrefix) }

// Account returns the account's id, and whether e is an account.
func (e Entity) Account() (string, bool) { return strings.CutPrefix(string(e), accountPrefix) }

// HasState reports whether e has a state, which also holds the clock of e.
func (e Entity) HasState() bool {
	return strings.HasPrefix(string(e), userPrefix) || strings.HasPrefix(string(e), accountPrefix)
}

// Source reports whether e is a bucket of client addresses.
func (e Entity) Source() bool { return strings.HasPrefix(string(e), sourcePrefix) }
