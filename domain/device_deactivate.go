package domain

import (
	"slices"
	"time"
)

var deactivationForm = oneOf(Lost, Damaged, Returned, Replaced, ByUser)

// DeviceDeactivate reports that a device is not to be used any more (DEV-6).
type DeviceDeactivate struct{ User, Device, Reason string }

func (c *DeviceDeactivate) CommandType() string { return "device.deactivate" }
func (c *DeviceDeactivate) names() [2]name      { return oneName(c.User) }
func (c *DeviceDeactivate) Members(v Visitor) {
	v.Text("user", &c.User, nameForm)
	v.Text("device", &c.Device, idForm)
	v.Text("reason", &c.Reason, deactivationForm)
}

// decide judges before it carries what is due: whom an accepted one concerns
// depends on it, and nothing that falls due changes the answer.
func (c *DeviceDeactivate) decide(d *deciding) error {
	if err := d.take(c.User); err != nil {
		return err
	}
	if reason, detail := c.refusal(d); reason != "" {
		d.carry()
		d.refuseDevice(reason, detail)
		return nil
	}
	shares := d.user.lent(c.Device)
	joiners := c.cascade(d)
	concerned := slices.Clone(joiners)
	for _, s := range shares {
		concerned = append(concerned, s.Other)
	}
	if err := d.take(concerned...); err != nil {
		return err
	}
	d.carry()
	d.accept(&DeviceDeactivated{})
	for i := range joiners {
		d.emitFor(1+i, d.Time, &DeviceDeactivated{})
	}
	for _, s := range shares {
		d.emit(d.Time, &SharingCancelled{Sharing: s.ID})
	}
	return nil
}

// refusal is the first of A-23 that applies.
func (c *DeviceDeactivate) refusal(d *deciding) (Reason, string) {
	device := d.device(c.User, c.Device)
	switch {
	case d.user.borrowedDevice(c.Device) != nil:
		return UseSharing, "this device is shared from another user: cancel the sharing, or let its owner report it"
	case device == nil:
		return UnknownDevice, "the user has no such device"
	case device.gone():
		return DeviceGone, "this device was lost, damaged, returned or replaced already"
	case c.Reason == Returned && !returnable(device.Class):
		return NotReturnable, "only a digital_security_card_plus can be returned"
	case c.Reason == ByUser && device.State == Deactivated:
		return DeviceNotActive, "this device is deactivated already"
	}
	return "", ""
}

// cascade is for whom else a lost or damaged app is deactivated: those who
// joined it through the user and have it active (DEV-9).
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

// DeviceDeactivated: the device is of no use to the user any more. The command
// names it, and why, for all whom the record names (DEV-9).
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
	if device.gone() {
		f.leave(&device)
	}
	if c.Reason == Lost || c.Reason == Damaged {
		u.Lost = f.at
	}
	u.setDevice(f, device)
}

// DeviceDormant: a device is put away while another one is shared (SHARE-4).
type DeviceDormant struct{ Device string }

func (e *DeviceDormant) EventType() string { return "device.dormant" }
func (e *DeviceDormant) Members(v Visitor) { v.Text("device", &e.Device, Need) }
func (e *DeviceDormant) evolve(u *User, f *fold) {
	if device, ok := u.deviceOf(e.Device); ok {
		device.State, device.Since, device.Method = Dormant, f.at, ""
		u.setDevice(f, device)
	}
}
