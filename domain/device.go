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
	Dormant     = "dormant" // since its owner borrowed a device, until its owner activates it again (SHARE-4)
	Deactivated = "deactivated"
)

// The reasons for a deactivation (DEV-6).
const (
	Lost     = "lost"
	Damaged  = "damaged"
	Returned = "returned"
	Replaced = "replaced"
	ByUser   = "by_user"

	Forgotten = "forgotten" // by an erasure of the user only (PERSON-1)
)

// The classes of devices (docs/rules.md, "Devices"). The names are stored permanently.
const (
	SecurityCodeCard        = "security_code_card"
	DigitalSecurityCard     = "digital_security_card"
	Gold                    = "gold"
	Platinum                = "platinum"
	DigitalSecurityCardPlus = "digital_security_card_plus"
	IBKRMobile              = "ibkr_mobile" // the app, which is not a physical device
)

// physicalClasses lists the classes of physical devices by ascending protection level.
var physicalClasses = []string{SecurityCodeCard, DigitalSecurityCard, Gold, Platinum, DigitalSecurityCardPlus}

var classForm = oneOf(append(slices.Clone(physicalClasses), IBKRMobile)...)

func physical(class string) bool { return class != IBKRMobile }

// rank returns the protection level of a class of physical devices, from 1. A higher level
// protects better. The app has rank 0.
func rank(class string) int { return slices.Index(physicalClasses, class) + 1 }

// legacy reports whether devices of a class are no longer issued (DEV-2).
func legacy(class string) bool { return physical(class) && class != DigitalSecurityCardPlus }

// hasPIN reports whether a device of the class has a PIN to change (DEV-8).
func hasPIN(class string) bool { return class == DigitalSecurityCardPlus || class == IBKRMobile }

// returnable reports whether a device of the class can be returned (DEV-6).
func returnable(class string) bool { return class == DigitalSecurityCardPlus }

// Device is a user's own device. A device that another user shares is a [Share].
type Device struct {
	ID, Class string
	State     string
	Since     time.Time // start of the state
	Method    string    // of the activation; "" unless active
	Reason    string    // of the deactivation
	Due       time.Time // when it activates automatically (DEV-3); zero if never
	Turn      int64     // User.Turns at its shipment or activation
	Through   string    // the user through whom this user joined an app (DEV-9)
	Label     string    // set by the user (DEV-10)
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
	v.Text("label", &d.Label, Free)
}

// IsGone reports whether the device can't be activated any more (DEV-4, A-22).
func (d *Device) IsGone() bool { return d.State == Deactivated && d.Reason != ByUser }

// held reports whether d is a physical device that its user owns, so that no other user can
// own it.
func (d *Device) held() bool {
	return physical(d.Class) && (d.State == Requested || d.State == Shipped || d.State == Active || d.State == Dormant)
}

// Holder is the owner of a physical device.
type Holder struct{ User string }

func (h *Holder) item()             {}
func (h *Holder) Members(v Visitor) { v.Text("user", &h.User, Need) }

// DeviceKey returns the key of a user's device.
func DeviceKey(user, device string) ItemKey {
	return ItemKey{Kind: DeviceItem, Owner: user, ID: device}
}

// HolderKey returns the key of the [Holder] of a physical device.
func HolderKey(device string) ItemKey { return ItemKey{Kind: HolderItem, ID: device} }

// device returns a device that the user has or had, and nil for another device.
func (f *fold) device(user, device string) *Device {
	d, _ := f.item(DeviceKey(user, device)).(*Device)
	return d
}

// heldByAnother reports whether another user owns a physical device.
func (f *fold) heldByAnother(user, device string) bool {
	h, ok := f.item(HolderKey(device)).(*Holder)
	return ok && h.User != user
}

// setDevice adds or replaces a device of the user that is being changed.
func (u *User) setDevice(f *fold, d Device) {
	i := slices.IndexFunc(u.Devices, func(o Device) bool { return o.ID == d.ID })
	f.hold(&d, i >= 0 && u.Devices[i].held())
	if i < 0 {
		u.Devices = append(slices.Clip(u.Devices), d)
		f.add(DeviceKey(f.name, d.ID), &d)
		return
	}
	u.Devices = slices.Clone(u.Devices)
	u.Devices[i] = d
	if d.IsGone() {
		u.Devices = slices.Delete(u.Devices, i, i+1)
	}
	f.put(DeviceKey(f.name, d.ID), &d)
}

// hold updates the [Holder] of the device d after a change. held reports whether the user held
// the device before the change.
func (f *fold) hold(d *Device, held bool) {
	switch {
	case d.held() && !held:
		f.put(HolderKey(d.ID), &Holder{f.name})
	case held && !d.held():
		f.put(HolderKey(d.ID), nil)
	}
}

// deviceOf returns a copy of a device that can still be activated.
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
	Method    string // of an own device
	From      string // the owner of a shared device
	Label     string // of an own device
	turn      int64
}

// Active returns the devices that are active for the user, in order of activation.
func (u *User) Active() []ActiveDevice {
	var all []ActiveDevice
	for i := range u.Devices {
		if d := &u.Devices[i]; d.State == Active {
			all = append(all, ActiveDevice{d.ID, d.Class, d.Since, d.Method, "", d.Label, d.Turn})
		}
	}
	for i := range u.Shares {
		if s := &u.Shares[i]; s.borrowed() {
			all = append(all, ActiveDevice{s.Device, s.Class, s.Since, "", s.Other, "", s.Turn})
		}
	}
	slices.SortFunc(all, func(a, b ActiveDevice) int { return int(a.turn - b.turn) })
	return all
}

// activeDevice returns the class of a device, and whether it is active for the user.
func (u *User) activeDevice(id string) (class string, ok bool) {
	if d, ok := u.deviceOf(id); ok && d.State == Active {
		return d.Class, true
	}
	if s := u.borrowedDevice(id); s != nil {
		return s.Class, true
	}
	return "", false
}

// DeviceRefused is the event that a command about a device was refused.
type DeviceRefused struct{ Reason Reason }

func (e *DeviceRefused) EventType() string { return "device.refused" }
func (e *DeviceRefused) Members(v Visitor) { v.Text("reason", (*string)(&e.Reason), Need) }

func (d *deciding) refuseDevice(reason Reason, detail string) {
	d.refuse(reason, detail, &DeviceRefused{reason})
}
