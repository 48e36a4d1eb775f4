package domain

import (
	"slices"
	"time"
)

var deactivationForm = oneOf(Lost, Damaged, Returned, Replaced, ByUser)

// DeviceDeactivate reports that a device must no longer be used (DEV-6).
type DeviceDeactivate struct{ User, Device, Reason string }

func (c *DeviceDeactivate) CommandType() string { return "device.deactivate" }
func (c *DeviceDeactivate) names() [2]name      { return oneName(c.User) }
func (c *DeviceDeactivate) Members(v Visitor) {
	v.Text("user", &c.User, nameForm)
	v.Text("device", &c.Device, idForm)
	v.Text("reason", &c.Reason, deactivationForm)
}

// decide checks the refusals before it records the overdue events, because the result of the
// check determines the users of the record. No overdue event changes that result.
func (c *DeviceDeactivate) decide(d *deciding) error {
	if err := d.addUsers(c.User); err != nil {
		return err
	}
	if reason, detail := c.refusal(d); reason != "" {
		d.emitOverdue()
		d.refuseDevice(reason, detail)
		return nil
	}
	shares := d.user.lent(c.Device)
	joiners := c.cascade(d)
	concerned := slices.Clone(joiners)
	for _, s := range shares {
		concerned = append(concerned, s.Other)
	}
	if err := d.addUsers(concerned...); err != nil {
		return err
	}
	d.emitOverdue()
	d.accept(&DeviceDeactivated{})
	for i := range joiners {
		d.emitFor(1+i, d.Time, &DeviceDeactivated{})
	}
	for _, s := range shares {
		d.emit(d.Time, &SharingCancelled{Sharing: s.ID})
	}
	return nil
}

// refusal returns the first refusal of A-23 that applies, "" if none applies.
func (c *DeviceDeactivate) refusal(d *deciding) (Reason, string) {
	device := d.device(c.User, c.Device)
	switch {
	case d.user.borrowedDevice(c.Device) != nil:
		return UseSharing, "this device is shared from another user: cancel the sharing, or let its owner report it"
	case device == nil:
		return UnknownDevice, "the user has no such device"
	case device.IsGone():
		return DeviceGone, "this device was lost, damaged, returned or replaced already"
	case c.Reason == Returned && !returnable(device.Class):
		return NotReturnable, "only a digital_security_card_plus can be returned"
	case c.Reason == ByUser && device.State == Deactivated:
		return DeviceNotActive, "this device is deactivated already"
	}
	return "", ""
}

// cascade returns the other users for whom a lost or damaged app is deactivated: the users
// who joined it through this user and have it active (DEV-9).
func (c *DeviceDeactivate) cascade(d *deciding) []string {
	if c.Reason != Lost && c.Reason != Damaged {
		return nil
	}
	if device := d.device(c.User, c.Device); device == nil || physical(device.Class) {
		return nil
	}
	var active []string
	for _, name := range d.joined(c.User, c.Device) {
		if device := d.device(name, c.Device); device != nil && device.State == Active {
			active = append(active, name)
		}
	}
	return active
}

// DeviceDeactivated is the event that a device was deactivated. The command names the device
// and the reason, for all users of the record (DEV-9).
type DeviceDeactivated struct{}

func (e *DeviceDeactivated) EventType() string { return "device.deactivated" }
func (e *DeviceDeactivated) Members(Visitor)   {}
func (e *DeviceDeactivated) causedBy(c CommandData) bool {
	_, ok := c.(*DeviceDeactivate)
	return ok
}
func (e *DeviceDeactivated) evolve(u *User, f *fold) {
	c := f.command.Data.(*DeviceDeactivate)
	device, ok := u.deviceOf(c.Device)
	if !ok {
		return
	}
	device.State, device.Since, device.Reason, device.Method, device.Due = Deactivated, f.at, c.Reason, "", time.Time{}
	if device.IsGone() {
		f.leave(&device)
	}
	if c.Reason == Lost || c.Reason == Damaged {
		u.Lost = f.at
	}
	u.setDevice(f, device)
}

// DeviceDormant is the event that a device became dormant during a sharing (SHARE-4).
type DeviceDormant struct{ Device string }

func (e *DeviceDormant) EventType() string { return "device.dormant" }
func (e *DeviceDormant) Members(v Visitor) { v.Text("device", &e.Device, Need) }
func (e *DeviceDormant) evolve(u *User, f *fold) {
	if device, ok := u.deviceOf(e.Device); ok {
		device.State, device.Since, device.Method = Dormant, f.at, ""
		u.setDevice(f, device)
	}
}
