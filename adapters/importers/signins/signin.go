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

// Caller is who the importer's commands come from.
const Caller = "import"

const (
	sourcePrefix = "import/"
	hashPrefix   = "sha256-"
	hashBytes    = 16 // 32 hex digits
)

const (
	addressBytesMax   = 64  // contract: ip
	userAgentBytesMax = 512 // contract: userAgent
)

// signIn is what an event says of an attempt.
type signIn struct {
	event              string   // what the table is asked, with the code
	code               []string // its words
	tenant, id         string   // may be ""
	name               string
	nameField          string   // where the event has it
	marks              []string // what tells it from another of the same instant, name and code
	address, userAgent string
	at                 time.Time
	wrong              *domain.Rejection // of the time
}

// command makes the command of an attempt. An event may say anything: what the
// ledger would not take is rejected here, with the event's own field.
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
		return nil, &domain.Rejection{Reason: domain.MissingField, Field: s.nameField, Detail: "an attempt needs somebody who made it"}
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

// hashID stands for the id of an event without one. An address, a user agent and the
// name of nobody are no part of it: the hash stays when they are forgotten, and who
// knows the rest of an event could find them by trying.
func hashID(s *signIn, row *Row) string {
	name := s.name
	if row.Reason == domain.UnknownUser {
		name = ""
	}
	digest := sha256.New()
	for _, part := range slices.Concat([]string{s.event, strings.Join(s.code, " "), s.at.Format(time.RFC3339Nano), lowered(name)}, s.marks) {
		digest.Write(fmt.Appendf(nil, "%d:%s,", len(part), part)) // a hash never fails to write
	}
	return hashPrefix + hex.EncodeToString(digest.Sum(nil)[:hashBytes])
}

// lowered has the ASCII letters of a name in lower case.
func lowered(name string) string {
	return strings.Map(func(c rune) rune {
		if 'A' <= c && c <= 'Z' {
			return c - 'A' + 'a'
		}
		return c
	}, name)
}

// addressText is the address if it is one, else "".
func addressText(s string) string {
	if len(s) > addressBytesMax {
		return ""
	}
	address, err := netip.ParseAddr(s)
	if err != nil || address.Zone() != "" { // a zone may hold any byte
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

// blankAt is where warehouses print a blank in the place of the T.
const blankAt = len("2006-01-02")

// parseTime reads RFC 3339, or "2006-01-02 15:04:05.999", which is UTC.
func parseTime(field, text string) (time.Time, *domain.Rejection) {
	stamp := []byte(text)
	if len(stamp) > blankAt && stamp[blankAt] == ' ' {
		stamp[blankAt] = 'T'
		stamp = append(stamp, 'Z')
	}
	at, err := wire.ParseTime(stamp)
	if err != nil {
		return at, malformed(field, err.Error())
	}
	return at, nil
}
