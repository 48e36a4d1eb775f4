package sshd

import (
	"bytes"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"authledger/domain"
)

// Caller is who the importer's commands come from.
const Caller = "import"

const addressBytesMax = 64 // contract: ip

// parse reads one line. Neither commands nor a rejection: no login.
func (r *Reader) parse(line []byte) ([]domain.Command, *domain.Rejection) {
	stamp, rest, ok := cutStamp(line)
	if !ok {
		return nil, mislaid(line)
	}
	// Also of lines that are no logins: they carry the year along.
	at, wrong := r.clock.read(stamp)
	message, ok := cutTag(rest)
	if !ok {
		return nil, nil
	}
	attempt, found, rejection := parseMessage(message)
	switch {
	case !found || rejection != nil:
		return nil, rejection
	case wrong != "":
		return nil, malformed("time", wrong)
	}
	return r.commands(attempt, at), nil
}

// mislaid rejects a line without a time if it tells of a login all the same:
// an attempt must not vanish among what is no login.
func mislaid(line []byte) *domain.Rejection {
	if !bytes.Contains(line, []byte("sshd")) {
		return nil
	}
	for _, start := range []string{"]: " + failed, "]: " + accepted, "]: " + repeated} {
		if bytes.Contains(line, []byte(start)) {
			return malformed("time", "want the line to start like \"Mar 27 13:08:09 \" or with an RFC 3339 time")
		}
	}
	return nil
}

func malformed(field, detail string) *domain.Rejection {
	return &domain.Rejection{Reason: domain.Malformed, Field: field, Detail: detail}
}

// commands makes one command a repetition. Each has data of its own: whoever
// records a command may strip its personal members in place.
func (r *Reader) commands(a attempt, at time.Time) []domain.Command {
	report := a.report()
	reports := make([]domain.LoginReport, a.times)
	commands := make([]domain.Command, a.times)
	for i := range commands {
		reports[i] = report
		commands[i] = domain.Command{
			Source: r.source, ID: commandID(r.counts.Lines, i+1), Time: at,
			Caller: Caller, Backfill: true, Data: &reports[i],
		}
	}
	return commands
}

// commandID is "LINE.REPETITION", both from 1, also of a line that repeats
// nothing.
func commandID(line, repetition int) string {
	var digits [2*20 + 1]byte
	id := strconv.AppendInt(digits[:0], int64(line), 10)
	id = append(id, '.')
	return string(strconv.AppendInt(id, int64(repetition), 10))
}

func (a *attempt) report() domain.LoginReport {
	return domain.LoginReport{
		User:    strings.ToValidUTF8(string(a.name), "\uFFFD"),
		Outcome: a.outcome,
		Reason:  a.reason,
		IP:      addressText(a.address),
	}
}

// addressText is the address if it is one, else "": sshd prints UNKNOWN, and
// old ones host names.
func addressText(token []byte) string {
	if len(token) > addressBytesMax {
		return ""
	}
	text := string(token)
	if _, err := netip.ParseAddr(text); err != nil || !printable(text) {
		return ""
	}
	return text
}

// printable guards against zones of addresses, which may hold any byte.
func printable(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
