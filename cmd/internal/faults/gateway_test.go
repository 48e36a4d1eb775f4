//go:build faults

package faults

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"syscall"
	"time"

	"authledger/domain"
)

var errPipe error = syscall.EPIPE

// gateway generates the commands of one publisher: logins of every kind of a few
// hundred users, which all publishers share, with personal data.
type gateway struct {
	chance *rand.Rand
	source string
	run    string
	users  int
	count  int
	open   []*domain.LoginBegin // accepted and not finished
}

func newGateway(seed uint64, number, users int) *gateway {
	return &gateway{
		chance: rand.New(rand.NewPCG(seed, uint64(number))),
		source: fmt.Sprintf("gateway/g%d", number), run: fmt.Sprintf("%x", seed), users: users,
	}
}

// next returns the gateway's next command.
func (g *gateway) next(now time.Time) domain.Command {
	g.count++
	id := fmt.Sprintf("%s-%d", g.run, g.count)
	return domain.Command{Source: g.source, ID: id, Time: now.UTC(), Caller: "fault", Data: g.data(id)}
}

func (g *gateway) data(id string) domain.CommandData {
	switch n := g.chance.IntN(100); {
	case n < 30 && len(g.open) > 0:
		return g.finish()
	case n < 60:
		return &domain.LoginBegin{User: g.user(), Attempt: "a-" + id, Platform: "tws", ClientVersion: "10.19",
			IP: g.address(), UserAgent: g.agent()}
	case n < 92:
		r := &domain.LoginReport{User: g.user(), Platform: "client_portal", IP: g.address(), UserAgent: g.agent()}
		r.Outcome, r.Reason = g.outcome()
		return r
	case n < 94:
		return &domain.LoginReport{User: "stranger", Outcome: domain.Failed, Reason: domain.UnknownUser,
			IP: g.address()}
	case n < 97:
		return &domain.IdentityVerify{User: g.user(), Agent: "desk7", Channel: "phone"}
	}
	return &domain.LockoutRelease{User: g.user(), Agent: "desk7"}
}

func (g *gateway) finish() *domain.LoginFinish {
	i := g.chance.IntN(len(g.open))
	begun := g.open[i]
	g.open = slices.Delete(g.open, i, i+1)
	f := &domain.LoginFinish{User: begun.User, Attempt: begun.Attempt}
	f.Outcome, f.Reason = g.outcome()
	return f
}

// outcome returns a random outcome. It returns failed often enough that some users are locked out.
func (g *gateway) outcome() (domain.Outcome, string) {
	switch n := g.chance.IntN(10); {
	case n < 5:
		return domain.Failed, "bad_credentials"
	case n < 6:
		return domain.Failed, "gateway_error"
	}
	return domain.Succeeded, ""
}

func (g *gateway) user() string { return fmt.Sprintf("user%d", g.chance.IntN(g.users)) }

func (g *gateway) address() string {
	return fmt.Sprintf("198.51.100.%d", g.chance.IntN(256))
}

// agent returns a text of random length, so that commits differ in length.
func (g *gateway) agent() string {
	return "Mozilla/5.0 " + strings.Repeat("x", g.chance.IntN(100))
}

// storeAttempt stores an accepted attempt, so that finish can finish it.
func (g *gateway) storeAttempt(c *domain.Command, v *domain.Verdict) {
	if begin, ok := c.Data.(*domain.LoginBegin); ok && v.Status == domain.Accepted {
		g.open = append(g.open, begin)
	}
}

// rest waits for a random duration between two commands.
func (g *gateway) rest(most time.Duration) {
	if most > 0 {
		<-time.After(time.Duration(g.chance.Int64N(int64(most))))
	}
}
