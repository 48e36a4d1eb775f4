package domain

import "time"

// BalanceMin is the minimum account balance for the request of a device, if all active devices
// of the user are apps (DEV-2).
const BalanceMin USD = 500_000_00

// DeviceRequest asks for a physical device (DEV-2).
type DeviceRequest struct {
	User, Device, Class, Purpose, Replaces, BalanceUSD string
}

// DeviceShip reports that a requested device was shipped (DEV-3).
type DeviceShip struct{ User, Device, Carrier string }

var (
	purposeForm = oneOf("new", "replacement")
	balanceForm = Form{Pattern: `^(0|[1-9][0-9]{0,17})(\.[0-9]{1,2})?$`, Wrong: func(s string) string {
		if _, ok := ParseUSD(s); !ok {
			return "want an amount of USD with at most two decimals"
		}
		return ""
	}}
)

func (c *DeviceRequest) CommandType() string { return "device.request" }
func (c *DeviceRequest) names() [2]name      { return oneName(c.User) }
func (c *DeviceRequest) Members(v Visitor) {
	v.Text("user", &c.User, nameForm)
	v.Text("device", &c.Device, idForm)
	v.Text("class", &c.Class, classForm)
	v.Text("purpose", &c.Purpose, purposeForm)
	v.Text("replaces", &c.Replaces, idForm.optional())
	v.Text("balanceUsd", &c.BalanceUSD, balanceForm)
}

// Check checks the members against each other (DEV-2, A-26).
func (c *DeviceRequest) Check() *Rejection {
	switch {
	case c.Class == IBKRMobile:
		return &Rejection{BadField, "class", "the app is not requested: install and activate it"}
	case c.Replaces != "" && c.Purpose == "new":
		return &Rejection{BadField, "replaces", "only a replacement replaces a device"}
	}
	return nil
}

func (c *DeviceRequest) decide(d *deciding) error {
	if err := d.addUser(c.User); err != nil {
		return err
	}
	switch {
	case d.device(c.User, c.Device) != nil || d.heldByAnother(c.User, c.Device):
		d.refuseDevice(DeviceExists, "this device is known already: give another id")
	case legacy(c.Class):
		d.refuseDevice(LegacyDevice, "devices of this class are not given out any more")
	case c.needsBalance(d) && !c.balanceSuffices():
		d.refuseDevice(BalanceBelowMinimum, "a user of the app alone gets a card from a balance of "+BalanceMin.String()+" USD")
	case len(d.user.Devices) >= devicesMax:
		d.refuseDevice(TooMany, "the user has as many devices as the ledger keeps: deactivate one for good")
	default:
		d.accept(&DeviceRequested{})
	}
	return nil
}

// needsBalance reports whether the request needs a minimum balance: at least one device is
// active, all active devices are apps, and the request does not replace a lost or damaged
// device (DEV-2, A-26).
func (c *DeviceRequest) needsBalance(d *deciding) bool {
	active := d.user.Active()
	for _, a := range active {
		if physical(a.Class) {
			return false
		}
	}
	return len(active) > 0 && !c.replacesLost(d)
}

func (c *DeviceRequest) replacesLost(d *deciding) bool {
	if c.Replaces == "" {
		return false
	}
	was := d.device(c.User, c.Replaces)
	return was != nil && was.State == Deactivated && (was.Reason == Lost || was.Reason == Damaged)
}

func (c *DeviceRequest) balanceSuffices() bool {
	balance, ok := ParseUSD(c.BalanceUSD)
	return ok && balance >= BalanceMin
}

func (c *DeviceShip) CommandType() string { return "device.ship" }
func (c *DeviceShip) names() [2]name      { return oneName(c.User) }
func (c *DeviceShip) Members(v Visitor) {
	v.Text("user", &c.User, nameForm)
	v.Text("device", &c.Device, idForm)
	v.Text("carrier", &c.Carrier, textForm)
}

func (c *DeviceShip) decide(d *deciding) error {
	if err := d.addUser(c.User); err != nil {
		return err
	}
	if device, ok := d.user.deviceOf(c.Device); !ok || device.State != Requested {
		d.refuseDevice(NotRequested, "only a requested device is shipped, and once")
		return nil
	}
	d.accept(&DeviceShipped{Activates: d.Time.Add(d.policy.AutoActivation())})
	return nil
}

// DeviceRequested is the event that a device was requested.
type DeviceRequested struct{}

// DeviceShipped is the event that a device was shipped. It activates automatically at
// Activates (DEV-3).
type DeviceShipped struct{ Activates time.Time }

func (e *DeviceRequested) EventType() string { return "device.requested" }
func (e *DeviceRequested) Members(Visitor)   {}
func (e *DeviceRequested) causedBy(c CommandData) bool {
	_, ok := c.(*DeviceRequest)
	return ok
}
func (e *DeviceRequested) evolve(u *User, f *fold) {
	c := f.command.Data.(*DeviceRequest)
	u.setDevice(f, Device{ID: c.Device, Class: c.Class, State: Requested, Since: f.at})
}

func (e *DeviceShipped) EventType() string { return "device.shipped" }
func (e *DeviceShipped) Members(v Visitor) { v.Instant("activates", &e.Activates, Need) }
func (e *DeviceShipped) causedBy(c CommandData) bool {
	_, ok := c.(*DeviceShip)
	return ok
}
func (e *DeviceShipped) evolve(u *User, f *fold) {
	device, ok := u.deviceOf(f.command.Data.(*DeviceShip).Device)
	if !ok {
		return
	}
	device.State, device.Since, device.Due, device.Turn = Shipped, f.at, e.Activates, u.turn()
	u.setDevice(f, device)
}
