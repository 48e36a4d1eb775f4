package signins

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"authledger/domain"
	"authledger/eventstore/wire"
)

// Caller is the caller of the importer's commands.
const Caller = "import"

const (
	sourcePrefix = "import/"
	hashPrefix   = "sha256-"
	hashBytes    = 16 // 32 hex digits
)

const (
	addressBytesMax   = 64  // maximum of the member ip of a command
	userAgentBytesMax = 512 // maximum of the member userAgent of a command
)

// signIn is the attempt that an event describes.
type signIn struct {
	event              string   // the key of the table, with the code
	code               []string // the words of the code
	tenant, id         string   // may be ""
	name               string
	nameField          string   // the member that contains the name
	marks              []string // distinguish it from another attempt with the same instant, name and code
	address, userAgent string
	at                 time.Time
	wrong              *domain.Rejection // rejection of the time; nil for a valid time

	session   string     // "" if the event names none
	use       sessionUse // of the session
	checked   bool       // the event shows that a credential was checked
	starts    bool       // the event starts the session
	unchecked Kind       // the reason for which a success is not an attempt, or ""
	foreign   bool       // the event does not come from the gateway
}

// mark returns what the event shows about its session, or nil.
func (s *signIn) mark() *sessionMark {
	if s.use == noSession || s.session == "" || s.wrong != nil {
		return nil
	}
	return &sessionMark{use: s.use, checked: s.checked, starts: s.starts, session: hashSession(s.tenant, s.session), at: s.at}
}

// command returns the command of an attempt. A value that the ledger does not accept
// is rejected here, with the name of the event's member.
func (r *Reader) command(s *signIn, row *Row) ([]domain.Command, *domain.Rejection) {
	tenant := s.tenant
	if tenant == "" {
		tenant = r.org
	}
	id := s.id
	if id == "" {
		id = hashID(s, row)
	}
	switch {
	case s.wrong != nil:
		return nil, s.wrong
	case s.name == "":
		return nil, &domain.Rejection{Reason: domain.MissingField, Field: s.nameField, Detail: "an attempt needs a user name"}
	case domain.WrongEnvelope(id, domain.IDBytesMax) != "":
		return nil, malformed("id", domain.WrongEnvelope(id, domain.IDBytesMax))
	case tenant != "" && domain.WrongID(tenant) != "":
		return nil, malformed("tenant", domain.WrongID(tenant))
	}
	return []domain.Command{{
		Source: sourceOf(r.gateway.name, tenant), ID: id, Time: s.at, Caller: Caller, Backfill: true,
		Data: &domain.LoginReport{
			User: lowered(s.name), Outcome: row.Outcome, Reason: row.Reason,
			IP: addressText(s.address), UserAgent: userAgentText(s.userAgent),
		},
	}}, nil
}

func sourceOf(gateway, tenant string) string {
	if tenant == "" {
		return sourcePrefix + gateway
	}
	return sourcePrefix + gateway + "/" + tenant
}

// hashID returns an id for an event without one. It does not cover the address, the
// user agent and names of unattributed attempts. So the hash stays the same after they
// were erased, and does not allow an attacker to find them by trying values.
func hashID(s *signIn, row *Row) string {
	name := s.name
	if row.Reason == domain.UnknownUser {
		name = ""
	}
	digest := sha256.New()
	for _, part := range slices.Concat([]string{s.event, strings.Join(s.code, " "), s.at.Format(time.RFC3339Nano), lowered(name)}, s.marks) {
		digest.Write(fmt.Appendf(nil, "%d:%s,", len(part), part)) // a hash returns no error
	}
	return hashPrefix + hex.EncodeToString(digest.Sum(nil)[:hashBytes])
}

// lowered converts A to Z in a name to lower case, and changes no other character.
func lowered(name string) string {
	return strings.Map(func(c rune) rune {
		if 'A' <= c && c <= 'Z' {
			return c - 'A' + 'a'
		}
		return c
	}, name)
}

// addressText returns the address if it is valid, else "".
func addressText(s string) string {
	if len(s) > addressBytesMax {
		return ""
	}
	address, err := netip.ParseAddr(s)
	if err != nil || address.Zone() != "" { // a zone may contain any byte
		return ""
	}
	return s
}

func userAgentText(s string) string {
	if len(s) > userAgentBytesMax {
		return ""
	}
	return s
}

// blankAt is the index at which data warehouses write a space instead of the T.
const blankAt = len("2006-01-02")

// parseTime reads RFC 3339, or "2006-01-02 15:04:05.999" in UTC. It rejects a time
// with a T and without a zone, because it can be a local time.
func parseTime(field, text string) (time.Time, *domain.Rejection) {
	stamp := []byte(text)
	if len(stamp) > blankAt && stamp[blankAt] == ' ' {
		stamp[blankAt] = 'T'
		stamp = append(stamp, 'Z')
	}
	at, err := wire.ParseTime(stamp)
	if err == nil {
		return at, nil
	}
	if _, zoneless := wire.ParseTime(append(stamp, 'Z')); zoneless == nil {
		return at, malformed(field, "the time has no zone: jq -c '."+field+" += \"Z\"' adds UTC to each line")
	}
	return at, malformed(field, err.Error())
}
