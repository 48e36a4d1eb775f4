package sshd

import (
	"bytes"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"authledger/domain"
)

// Caller is the caller recorded for the commands of an import.
const Caller = "import"

const addressBytesMax = 64 // maximum of the member ip of a command

// parse reads one line. It returns neither commands nor a rejection if the line records no
// attempt, or an attempt that an earlier PAM error has recorded.
func (r *Reader) parse(line []byte) ([]domain.Command, *domain.Rejection) {
	line = bytes.TrimPrefix(line, utf8BOM)
	e, ok := readEntry(line)
	if !ok {
		return nil, rejectUnread(line, false)
	}
	// Lines of every program are read, because their times determine the year of later
	// lines.
	at, wrong := r.clock.read(&e.stamp)
	switch {
	case !e.isSplit:
		return nil, rejectUnread(line, true)
	case !e.isSSHD():
		return nil, rejectOther(&e)
	}
	a, found, rejection := parseMessage(e.message)
	switch {
	case !found:
		return nil, rejectMarked(&e)
	case rejection != nil:
		return nil, rejection
	case wrong != "":
		return nil, malformed("time", wrong)
	case a.form.isPAM() && r.unended && !e.isClosed:
		return nil, malformed("message", "want a newline behind the address: the line may have been cut")
	}
	return r.commands(&a, at, 1+r.pairs.take(&e, &a, at)), nil
}

func malformed(field, detail string) *domain.Rejection {
	return &domain.Rejection{Reason: domain.Malformed, Field: field, Detail: detail}
}

// commands makes one command for each repetition of the attempt, beginning with the
// repetition number first. Each command has its own copy of the data, because the ledger
// removes personal members in place.
func (r *Reader) commands(a *attempt, at time.Time, first int) []domain.Command {
	report := a.report()
	reports := make([]domain.LoginReport, a.times-first+1)
	commands := make([]domain.Command, len(reports))
	for i := range commands {
		reports[i] = report
		commands[i] = domain.Command{
			Source: r.source, ID: commandID(r.counts.Lines, first+i), Time: at,
			Caller: Caller, Backfill: true, Data: &reports[i],
		}
	}
	return commands
}

// commandID returns the id "LINE.REPETITION", both from 1. A line without repetitions has
// the repetition 1.
func commandID(line, repetition int) string {
	var digits [2*20 + 1]byte
	id := strconv.AppendInt(digits[:0], int64(line), 10)
	id = append(id, '.')
	return string(strconv.AppendInt(id, int64(repetition), 10))
}

func (a *attempt) report() domain.LoginReport {
	return domain.LoginReport{
		User:    strings.ToValidUTF8(string(a.name), "\uFFFD"),
		Outcome: a.form.outcome,
		Reason:  a.reason,
		IP:      addressText(a.address),
	}
}

// addressText returns the address if it is valid, else "". sshd may print UNKNOWN, and old
// versions print host names.
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
