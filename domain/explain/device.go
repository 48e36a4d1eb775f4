package explain

import (
	"fmt"
	"strconv"
	"strings"

	"authledger/domain"
)

var deviceCommands = []commandKind{
	command[*domain.DeviceRequest]{
		text: func(_ *domain.Record, c *domain.DeviceRequest) string {
			return "user " + c.User + " requested the device " + c.Device + " (class " + c.Class + ", purpose " + c.Purpose + ")"
		},
		numbers: func(x *explaining, _ *States, c *domain.DeviceRequest) []string {
			if x.record.Reason != domain.BalanceBelowMinimum {
				return nil
			}
			if c.BalanceUSD == "" {
				return []string{fmt.Sprintf("The request states no balance. The ledger assumes 0 USD, below the minimum of %s USD.", domain.BalanceMin)}
			}
			return []string{fmt.Sprintf("The balance of %s USD is below the minimum of %s USD.", c.BalanceUSD, domain.BalanceMin)}
		},
	},
	command[*domain.DeviceShip]{text: func(_ *domain.Record, c *domain.DeviceShip) string {
		return "the client reported the shipment of the device " + c.Device + " to user " + c.User
	}},
	command[*domain.DeviceActivate]{text: func(_ *domain.Record, c *domain.DeviceActivate) string {
		return "user " + c.User + " requested the activation of the device " + c.Device + " (" + c.Class + ") by " + c.Method
	}},
	command[*domain.DeviceDeactivate]{text: func(_ *domain.Record, c *domain.DeviceDeactivate) string {
		return "the client reported the deactivation of the device " + c.Device + " of user " + c.User + " with the reason " + c.Reason
	}},
	command[*domain.DeviceAddUser]{text: func(_ *domain.Record, c *domain.DeviceAddUser) string {
		return "user " + c.User + " requested to join the device " + c.Device + " of user " + c.Owner
	}},
	command[*domain.DeviceChangePIN]{text: func(_ *domain.Record, c *domain.DeviceChangePIN) string {
		return "user " + c.User + " requested a change of the PIN of the device " + c.Device
	}},
	command[*domain.DeviceResetPIN]{
		text: func(_ *domain.Record, c *domain.DeviceResetPIN) string {
			return "the agent " + c.Agent + " requested a reset of the PIN of the device " + c.Device + " of user " + c.User
		},
		sought:   func(*domain.DeviceResetPIN) []string { return []string{verificationFact, lockFact} },
		verified: func(c *domain.DeviceResetPIN) string { return c.User },
	},
	command[*domain.DeviceRename]{text: func(_ *domain.Record, c *domain.DeviceRename) string {
		return "user " + c.User + " requested the label " + strconv.Quote(c.Label) + " for the device " + c.Device
	}},
}

var deviceEvents = []eventKind{
	event[*domain.DeviceRequested]{text: func(_ *domain.Event, _ *domain.DeviceRequested, user string) string {
		return "the device is requested for user " + user
	}},
	event[*domain.DeviceShipped]{
		text: func(_ *domain.Event, data *domain.DeviceShipped, user string) string {
			return "the device activates automatically at " + stamp(data.Activates) + ", unless user " + user + " activates it before"
		},
		numbers: func(x *explaining, e *domain.Event, data *domain.DeviceShipped) []string {
			return []string{spanLine(e.At, x.policy.AutoActivation(), data.Activates, "the device activates automatically")}
		},
	},
	event[*domain.DeviceActivated]{text: func(e *domain.Event, data *domain.DeviceActivated, user string) string {
		if data.Method == domain.Auto {
			return "the device " + data.Device + " of user " + user + " activated automatically at " + stamp(e.At)
		}
		return "the device is active for user " + user
	}},
	event[*domain.DeviceDeactivated]{text: func(_ *domain.Event, _ *domain.DeviceDeactivated, user string) string {
		return "the device is deactivated for user " + user
	}},
	event[*domain.DeviceDormant]{text: func(_ *domain.Event, data *domain.DeviceDormant, user string) string {
		return "the device " + data.Device + " of user " + user + " is dormant"
	}},
	event[*domain.DeviceUserAdded]{text: func(_ *domain.Event, _ *domain.DeviceUserAdded, user string) string {
		return "the device is active for user " + user + " as an own device"
	}},
	event[*domain.DevicePINChanged]{text: func(*domain.Event, *domain.DevicePINChanged, string) string {
		return "the PIN is changed, and the code can't be used for another change"
	}},
	event[*domain.DevicePINReset]{text: func(*domain.Event, *domain.DevicePINReset, string) string {
		return "the PIN is reset"
	}},
	event[*domain.DeviceRenamed]{text: func(*domain.Event, *domain.DeviceRenamed, string) string {
		return "the device has the requested label"
	}},
}

var deviceFactKinds = []factKind{
	fact[*FactTurns]{
		name: turnsFact, empty: func() domain.Data { return new(FactTurns) },
		text: func(f *Fact, s *FactTurns) string {
			return fmt.Sprintf("The devices of user %s had been shipped or activated %s in total, and the newest activation was number %d.", f.user(), plural(s.Turns, "time"), s.Activated)
		},
		restore: onUser(func(u *domain.User, s *FactTurns) { u.Turns, u.Activated = s.Turns, s.Activated }),
	},
	fact[*domain.Device]{
		name: deviceFact, empty: func() domain.Data { return new(domain.Device) },
		text: deviceText,
		id:   func(s *domain.Device) string { return s.ID },
		restore: func(to *States, f *Fact, s *domain.Device) {
			to.items[domain.DeviceKey(f.user(), s.ID)] = s
			if !s.IsGone() {
				onUser(func(u *domain.User, s *domain.Device) { u.Devices = append(u.Devices, *s) })(to, f, s)
			}
		},
	},
	fact[*FactHolders]{
		name: holderFact, empty: func() domain.Data { return new(FactHolders) },
		text: func(_ *Fact, s *FactHolders) string {
			return "User " + strings.Join(s.Users, ", ") + " had the device " + s.Device + " as an own device."
		},
		id: deviceOfHolders,
		restore: func(to *States, _ *Fact, s *FactHolders) {
			to.items[domain.HolderKey(s.Device)] = &domain.Holder{User: s.Users[0]}
		},
	},
	fact[*FactHolders]{
		name: joinersFact, empty: func() domain.Data { return new(FactHolders) },
		text: func(_ *Fact, s *FactHolders) string {
			return "These users had joined the device " + s.Device + " through user " + s.Through + ": " + strings.Join(s.Users, ", ") + "."
		},
		id: deviceOfHolders,
		restore: func(to *States, _ *Fact, s *FactHolders) {
			to.items[domain.JoinersKey(s.Through, s.Device)] = &domain.Joiners{Users: s.Users}
		},
	},
}

func deviceOfHolders(s *FactHolders) string { return s.Device }

func deviceText(f *Fact, d *domain.Device) string {
	text := fmt.Sprintf("The device %s of user %s (%s) had the state %s since %s", d.ID, f.user(), d.Class, d.State, stamp(d.Since))
	if d.Label != "" {
		text += ", with the label " + strconv.Quote(d.Label)
	}
	if d.Method != "" {
		text += ", and was activated by " + d.Method
	}
	if d.Reason != "" {
		text += ", with the reason " + d.Reason
	}
	if !d.Due.IsZero() {
		text += ", and activates automatically at " + stamp(d.Due)
	}
	if d.Through != "" {
		text += "; the user joined it through user " + d.Through
	}
	return text + "."
}

// FactTurns holds the counters Turns and Activated of [domain.User]: the number of shipments and
// activations of the user's devices, and the value of that number at the newest activation.
type FactTurns struct{ Turns, Activated int64 }

// Members lists the members of the state.
func (t *FactTurns) Members(v domain.Visitor) {
	v.Count("turns", &t.Turns, domain.Need)
	v.Count("activated", &t.Activated, domain.Free)
}

// FactHolders is the user who has a physical device as an own device, or the users
// who joined an app through the user Through, in the order in which they joined (DEV-9).
type FactHolders struct {
	Device  string
	Through string
	Users   []string
}

// Members lists the members of the state.
func (h *FactHolders) Members(v domain.Visitor) {
	v.Text("device", &h.Device, domain.Need)
	v.Text("through", &h.Through, domain.Free)
	v.Texts("users", &h.Users)
}
