package logtest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"authledger/domain"
)

// Generator draws random commands of every type, with few users, accounts and ids. Times
// mostly increase, but also repeat, decrease, and increase by more than a lockout or a window.
type Generator struct {
	*rand.Rand
	users  int
	now    time.Time
	ids    int
	timers bool           // Write fires timers
	last   string         // user of the previous command
	sent   map[string]int // commands of each type

	devices, active, apps, codes, joins, redeemed, sharings, withdrawals []owned
}

// NewGenerator returns a generator that draws from a number of users. It fires timers unless
// the seed is a multiple of 3.
func NewGenerator(seed uint64, users int) *Generator {
	return &Generator{Rand: rand.New(rand.NewPCG(seed, 1)), users: users, now: Epoch, timers: seed%3 > 0, sent: map[string]int{}}
}

// Pick draws one of its arguments.
func Pick[T any](c *Generator, of ...T) T { return of[c.IntN(len(of))] }

// User draws a user, often the user of the previous command, because most rules need two
// commands of one user.
func (c *Generator) User() string {
	if c.last == "" || c.IntN(3) > 0 {
		c.last = fmt.Sprintf("user%d", c.IntN(c.users))
	}
	return c.last
}

// attempt draws the id of a login attempt.
func (c *Generator) attempt() string { return fmt.Sprintf("a-%d", c.IntN(4)) }

// Account draws the id of an account.
func (c *Generator) Account() string { return fmt.Sprintf("U%d", c.IntN(3)) }

// newID returns a new id, or the one before it, so that some commands repeat an id.
func (c *Generator) newID() string { return fmt.Sprintf("i-%d", c.ids-c.IntN(2)) }

// device draws one of a few devices. The id contains the class.
func (c *Generator) device() (id, class string) {
	class = Pick(c, domain.IBKRMobile, domain.IBKRMobile, domain.DigitalSecurityCardPlus, domain.Gold, domain.SecurityCodeCard)
	return fmt.Sprintf("%s-%d", class, c.IntN(4)), class
}

// owned is an item of a user or an account.
type owned struct{ owner, id string }

// one draws one of the three newest items, or sometimes an item that may not exist.
func (c *Generator) one(of []owned, owner string) owned {
	if len(of) == 0 || c.IntN(8) == 0 {
		return owned{owner, c.newID()}
	}
	return of[len(of)-1-c.IntN(min(len(of), 3))]
}

// of returns the items of one owner.
func (c *Generator) of(all []owned, owner string) []owned {
	return slices.DeleteFunc(slices.Clone(all), func(o owned) bool { return o.owner != owner })
}

// learn records the items that an accepted command created.
func (c *Generator) learn(data domain.CommandData) {
	switch data := data.(type) {
	case *domain.DeviceRequest:
		c.devices = append(c.devices, owned{data.User, data.Device})
	case *domain.DeviceActivate:
		c.devices = append(c.devices, owned{data.User, data.Device})
		c.active = append(c.active, owned{data.User, data.Device})
		if data.Class == domain.IBKRMobile {
			c.apps = append(c.apps, owned{data.User, data.Device})
		}
	case *domain.CodeRedeem:
		c.redeemed = append(c.redeemed, owned{data.User, data.Code})
	case *domain.CodeIssue:
		c.codes = append(c.codes, owned{data.User, data.Code})
		if data.Kind == domain.ActivationSMS {
			c.joins = append(c.joins, owned{data.User, data.Code})
		}
	case *domain.SharingRequest:
		c.sharings = append(c.sharings, owned{"", data.Sharing})
	case *domain.WithdrawalRequest:
		c.withdrawals = append(c.withdrawals, owned{data.Account, data.Withdrawal})
	}
}

// time draws the time of the next command.
func (c *Generator) time() time.Time {
	c.now = c.now.Add(Pick(c, 0, 0, 0, 0, 0, time.Nanosecond, time.Second, time.Second, time.Minute, time.Minute, 5*time.Minute,
		time.Hour, 20*time.Hour, -time.Minute))
	if c.IntN(60) == 0 {
		c.now = c.now.Add(8 * 24 * time.Hour)
	}
	return c.now
}

// Command draws a command.
func (c *Generator) Command() domain.Command {
	c.ids++
	return domain.Command{
		Source: Pick(c, "gateway/portal", "gateway/tws", "import/2023"), ID: fmt.Sprintf("e-%d", c.ids), Caller: "test",
		Time: c.time(), Backfill: c.IntN(6) == 0, Data: c.data(),
		Bucket: domain.SourceEntity(c.IntN(3)),
	}
}

// data draws the data of a command that passes the check of its form.
func (c *Generator) data() domain.CommandData {
	for {
		data := c.anyData()
		form, ok := data.(interface{ Check() *domain.Rejection })
		if !ok || form.Check() == nil {
			c.sent[data.CommandType()]++
			return data
		}
	}
}

func (c *Generator) anyData() domain.CommandData {
	switch c.IntN(12) {
	case 0:
		return c.policyOrIdentity()
	case 1, 2:
		return c.onDevice()
	case 3, 4:
		return c.onCode()
	case 5:
		return c.onSharing()
	case 6, 7:
		return c.onWithdrawal()
	case 8:
		if c.IntN(4) == 0 {
			return c.rare()
		}
	}
	return c.onLogin()
}

// rare returns a command of the client type that was sent least often, so that histories also
// contain the types that have no case in this file.
func (c *Generator) rare() domain.CommandData {
	kind := slices.MinFunc(domain.ClientCommands(), func(a, b string) int { return c.sent[a] - c.sent[b] })
	if kind == "policy.adopt" {
		return c.policyOrIdentity()
	}
	if domain.IsConfig(kind) {
		return c.onConfig(kind)
	}
	data := domain.NewCommandData(kind)
	device := c.one(c.devices, c.User())
	data.Members(byMember{c, device, c.one(c.codes, device.owner)})
	return data
}

// byMember is a Visitor that sets the required members by their names.
type byMember struct {
	*Generator
	device, code owned
}

func (v byMember) Text(name string, at *string, f domain.Form) {
	switch name {
	case "user":
		*at = v.device.owner
	case "owner", "requester":
		*at = v.User()
	case "device":
		*at = v.device.id
	case "code":
		*at = v.code.id
	case "account":
		*at = v.Account()
	default:
		valid := slices.DeleteFunc(append(slices.Clone(f.OneOf), name), func(s string) bool { return f.Wrong != nil && f.Wrong(s) != "" })
		if f.Need && len(valid) > 0 {
			*at = Pick(v.Generator, valid...)
		}
	}
}
func (v byMember) Flag(_ string, at *bool, _ domain.Form)  { *at = v.IntN(2) == 0 }
func (v byMember) Count(string, *int64, domain.Form)       {}
func (v byMember) Instant(string, *time.Time, domain.Form) {}
func (v byMember) Instants(string, *[]time.Time)           {}
func (v byMember) Texts(string, *[]string)                 {}
func (v byMember) Object(string, domain.Data, domain.Form) {}
func (v byMember) List(string, domain.Items)               {}

// Write appends at least n records to a history, in commits of at most commitMax commands.
func (c *Generator) Write(h *History, n, commitMax int) {
	for end := len(h.Records) + n; len(h.Records) < end; {
		for range 1 + c.IntN(commitMax) {
			c.fireOne(h)
			command := c.Command()
			if h.Do(command).Status == domain.Accepted {
				c.learn(command.Data)
			}
		}
		h.Commit()
	}
}

// fireOne may fire the timer of one user whose deadline has passed.
func (c *Generator) fireOne(h *History) {
	name := c.User()
	u, _ := h.User(name) // a state in memory has no error
	if due, ok := TimerDeadline(&u); ok && !due.After(c.now) && c.timers && c.IntN(2) == 0 {
		h.Do(domain.NewTimerFire(domain.UserEntity(name), due))
	}
}

// TimerDeadline returns the deadline at which the timer fires for u, if u has one.
func TimerDeadline(u *domain.User) (time.Time, bool) {
	if u.Backfilled {
		return time.Time{}, false
	}
	return u.Due()
}
