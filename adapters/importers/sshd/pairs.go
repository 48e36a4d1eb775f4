package sshd

import "time"

// Bounds of the memory for PAM errors that a "Failed keyboard-interactive" line
// of the same process may follow.
const (
	// PairsMax is the maximum number of PAM errors in memory. The oldest is removed
	// first. The second line of a removed error counts as a second failure.
	PairsMax = 4096
	// pairTimeMax is the longest time between the two lines of one attempt. sshd
	// writes the second line at once; a process id is not reused within a minute.
	pairTimeMax = time.Minute
	// pairKeyBytesMax bounds the memory of one error. sshd cuts names to 100
	// bytes; an error with a longer key is not remembered.
	pairKeyBytesMax = 512
)

// pairs finds the two lines that sshd writes for one failure of a
// keyboard-interactive login: the PAM error, which has no port, and "Failed
// keyboard-interactive", which only some log levels have.
type pairs struct {
	errors map[pairKey]pamErrorLine
	order  []pairKey // a ring of PairsMax keys in the order of their lines
	count  int       // PAM errors so far
}

// pairKey identifies a connection. sshd accepts only one user name in a connection.
type pairKey struct{ host, pid, name string }

type pamErrorLine struct {
	at     time.Time
	number int // of the error, from 1
}

// take adds a PAM error to the memory. For another attempt it returns how many repetitions
// of a were already recorded by a PAM error: 0 or 1. It then removes that error.
func (p *pairs) take(e *entry, a *attempt, at time.Time) (recorded int) {
	if len(p.errors) == 0 && !a.form.isPAM() {
		return 0
	}
	if len(e.host)+len(e.pid)+len(a.name) > pairKeyBytesMax {
		return 0
	}
	key := pairKey{string(e.host), string(e.pid), string(a.name)}
	if a.form.isPAM() {
		p.remember(key, at)
		return 0
	}
	line, ok := p.errors[key]
	delete(p.errors, key)
	if !ok || a.form.method != interactive || at.Sub(line.at).Abs() > pairTimeMax {
		return 0
	}
	return 1
}

func (p *pairs) remember(key pairKey, at time.Time) {
	if p.errors == nil {
		p.errors = map[pairKey]pamErrorLine{}
	}
	if p.count < PairsMax {
		p.order = append(p.order, key)
	} else {
		oldest := &p.order[p.count%PairsMax]
		if p.errors[*oldest].number == p.count-PairsMax+1 {
			delete(p.errors, *oldest)
		}
		*oldest = key
	}
	p.count++
	p.errors[key] = pamErrorLine{at: at, number: p.count}
}
