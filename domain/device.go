package domain

import (
	"slices"
	"time"
)

// The states of a device.
const (
	Requested   = "requested"
	Shipped     = "shipped"
	Active      = "active"
	Dormant     = "dormant" // kept in a safe place while another one is shared (SHARE-4)
	Deactivated = "deactivated"
)

// The reasons of a deactivation (DEV-6).
const (
	Lost     = "lost"
	Damaged  = "damaged"
	Returned = "returned"
	Replaced = "replaced"
	ByUser   = "by_user"
)

// Device is a device as its user has it. A device shared from another user is a
// [Share], not one of these.
type Device struct {
	ID, Class string
	State     string
	Since     time.Time // start of the state
	Method    string    // of the activation, while active
	Reason    string    // of the deactivation
	Due       time.Time // when it activates by itself (DEV-3); zero if it doesn't
	Turn      int64     // of its shipment or activation
	Through   string    // through whom the user joined an app (DEV-9)
}

func (d *Device) item() {}

func (d *Device) Members(v Visitor) {
	v.Text("id", &d.ID, Need)
	v.Text("class", &d.Class, Need)
	v.Text("state", &d.State, Need)
	v.Instant("since", &d.Since, Need)
	v.Text("method", &d.Method, Free)
	v.Text("reason", &d.Reason, Free)
	v.Instant("due", &d.Due, Free)
	v.Count("turn", &d.Turn, Free)
	v.Text("through", &d.Through, Free)
}

// gone reports whether the device can't be activated any more (DEV-4, A-22).
func (d *Device) gone() bool { return d.State == Deactivated && d.Reason != ByUser }

// held reports whether a physical device is its user's, so that nobody else can
// have it as an own one.
func (d *Device) held() bool {
	return physical(d.Class) && (d.State == Requested || d.State == Shipped || d.State == Active || d.State == Dormant)
}

// Holder is who has a physical device as an own one.
type Holder struct{ User string }

func (h *Holder) item()             {}
func (h *Holder) Members(v Visitor) { v.Text("user", &h.User, Need) }

func deviceKey(user, device string) ItemKey {
	return ItemKey{Kind: DeviceItem, Owner: user, ID: device}
}
func holderKey(device string) ItemKey { return ItemKey{Kind: HolderItem, ID: device} }

// device is a device that the user has or had, nil if there was none.
func (f *fold) device(user, device string) *Device {
	d, _ := f.item(deviceKey(user, device)).(*Device)
	return d
}

// heldByAnother reports whether another user has a physical device as an own one.
func (f *fold) heldByAnother(user, device string) bool {
	h, ok := f.item(holderKey(device)).(*Holder)
	return ok && h.User != user
}

// setDevice changes a device of the user that evolves, or makes it known.
func (u *User) setDevice(f *fold, d Device) {
	i := slices.IndexFunc(u.Devices, func(o Device) bool { return o.ID == d.ID })
	f.hold(&d, i >= 0 && u.Devices[i].held())
	if i < 0 {
		u.Devices = append(slices.Clip(u.Devices), d)
		f.add(deviceKey(f.name, d.ID), &d)
		return
	}
	u.Devices = slices.Clone(u.Devices)
	u.Devices[i] = d
	if d.gone() {
		u.Devices = slices.Delete(u.Devices, i, i+1)
	}
	f.put(deviceKey(f.name, d.ID), &d)
}

// hold keeps who has a physical device.
func (f *fold) hold(d *Device, held bool) {
	switch {
	case d.held() && !held:
		f.put(holderKey(d.ID), &Holder{f.name})
	case held && !d.held():
		f.put(holderKey(d.ID), nil)
	}
}

// deviceOf is a device that is not gone for good, as a copy to be changed.
func (u *User) deviceOf(id string) (Device, bool) {
	for i := range u.Devices {
		if u.Devices[i].ID == id {
			return u.Devices[i], true
		}
	}
	return Device{}, false
}

// ActiveDevice is a device that is active for a user, own or shared.
type ActiveDevice struct {
	ID, Class string
	Since     time.Time
	Method    string // of an own one
	From      string // the owner of a shared one
	turn      int64
}

// Active lists the devices active for the user in order of activation.
func (u *User) Active() []ActiveDevice {
	var all []ActiveDevice
	for i := range u.Devices {
		if d := &u.Devices[i]; d.State == Active {
			all = append(all, ActiveDevice{d.ID, d.Class, d.Since, d.Method, "", d.Turn})
		}
	}
	for i := range u.Shares {
		if s := &u.Shares[i]; s.borrowed() {
			all = append(all, ActiveDevice{s.Device, s.Class, s.Since, "", s.Other, s.Turn})
		}
	}
	slices.SortFunc(all, func(a, b ActiveDevice) int { return int(a.turn - b.turn) })
	return all
}

// activeDevice finds a device that is active for the user.
func (u *User) activeDevice(id string) (class string, ok bool) {
	if d, ok := u.deviceOf(id); ok && d.State == Active {
		return d.Class, true
	}
	if s := u.borrowedDevice(id); s != nil {
		return s.Class, true
	}
	return "", false
}

// DeviceRefused: what was asked of a device was refused.
type DeviceRefused struct{ Reason Reason }

func (e *DeviceRefused) EventType() string { return "device.refused" }
func (e *DeviceRefused) Members(v Visitor) { v.Text("reason", (*string)(&e.Reason), Need) }

func (d *deciding) refuseDevice(reason Reason, detail string) {
	d.refuse(reason, detail, &DeviceRefused{reason})
}
