package domain

import (
	"slices"
	"time"
)

// The methods of activation (DEV-4).
const (
	QR        = "qr"
	SMSCode   = "sms_code"
	Portal    = "portal"
	Challenge = "challenge"
	Auto      = "auto" // at a deadline (DEV-3); no command may name it
)

var methodForm = oneOf(QR, SMSCode, Portal, Challenge)

// DeviceActivate reports that a user activated a device manually (DEV-4).
type DeviceActivate struct{ User, Device, Class, Method, Code string }

func (c *DeviceActivate) CommandType() string { return "device.activate" }
func (c *DeviceActivate) names() [2]name      { return oneName(c.User) }
func (c *DeviceActivate) Members(v Visitor) {
	v.Text("user", &c.User, nameForm)
	v.Text("device", &c.Device, idForm)
	v.Text("class", &c.Class, classForm)
	v.Text("method", &c.Method, methodForm)
	v.Text("code", &c.Code, idForm.optional())
}

// Check checks the members against each other (DEV-4, A-20, A-23).
func (c *DeviceActivate) Check() *Rejection {
	byApp := c.Method == QR || c.Method == SMSCode
	switch {
	case byApp && physical(c.Class):
		return &Rejection{BadField, "method", "only the app has this method of activation"}
	case !byApp && !physical(c.Class):
		return &Rejection{BadField, "method", "the app is activated by qr or sms_code"}
	case !byApp && c.Code != "":
		return &Rejection{BadField, "code", "only the methods qr and sms_code have a code"}
	}
	return nil
}

// codeKind returns the kind of code of the method.
func (c *DeviceActivate) codeKind() string {
	if c.Method == QR {
		return ActivationQR
	}
	return ActivationSMS
}

func (c *DeviceActivate) decide(d *deciding) error {
	if err := d.addUser(c.User); err != nil {
		return err
	}
	reason, detail := c.refusal(d)
	if reason == "" && c.Code != "" {
		reason, detail = d.codeKindRefusal(c.User, c.Code, c.codeKind())
	}
	if reason != "" {
		d.refuseDevice(reason, detail)
		return nil
	}
	if c.Code != "" {
		d.accept(&CodeRedeemed{})
	}
	d.accept(&DeviceActivated{})
	d.revokeTemporary(0, d.Time)
	return nil
}

// refusal returns the first refusal of A-23 that applies, "" if none applies.
func (c *DeviceActivate) refusal(d *deciding) (Reason, string) {
	device, known := d.device(c.User, c.Device), false
	var class, state string
	if device != nil {
		class, state, known = device.Class, device.State, true
	} else if s := d.user.borrowedDevice(c.Device); s != nil {
		class, state, known = s.Class, Active, true
	}
	switch {
	case known && class != c.Class:
		return ClassMismatch, "the ledger knows this device as another class"
	case device != nil && device.IsGone():
		return DeviceGone, "this device was lost, damaged, returned or replaced"
	case state == Active:
		return AlreadyActive, "this device is active"
	case state == Dormant && d.user.borrows():
		return SharingActive, "it is dormant while a sharing is in force: end the sharing first"
	case physical(c.Class) && d.heldByAnother(c.User, c.Device):
		return UseSharing, "another user has this device: ask to share it"
	case !known && len(d.user.Devices) >= devicesMax:
		return TooMany, "the user has as many devices as the ledger keeps: deactivate one for good"
	}
	return "", ""
}

// revokeTemporary revokes the passcode and the card of the i-th user of the record, in order
// of issue, after the activation of a device (DEV-5).
func (d *deciding) revokeTemporary(i int, at time.Time) {
	for _, c := range slices.Clone(d.Users[i].After.Codes) {
		if c.temporary() && c.IsLive() {
			d.emitFor(i, at, &CodeRevoked{Code: c.ID})
		}
	}
}

// DeviceActivated is the event that a device became active. Device and Method are set for an
// automatic activation (DEV-3). Otherwise the command has them.
type DeviceActivated struct{ Device, Method string }

func (e *DeviceActivated) EventType() string { return "device.activated" }
func (e *DeviceActivated) Members(v Visitor) {
	v.Text("device", &e.Device, Free)
	v.Text("method", &e.Method, Free)
}
func (e *DeviceActivated) causedBy(c CommandData) bool {
	_, ok := c.(*DeviceActivate)
	return ok || e.Method == Auto && e.Device != ""
}
func (e *DeviceActivated) evolve(u *User, f *fold) {
	id, class, method := e.Device, "", e.Method
	if method != Auto {
		c := f.command.Data.(*DeviceActivate)
		id, class, method = c.Device, c.Class, c.Method
	}
	device, ok := u.deviceOf(id)
	if !ok {
		device = Device{ID: id, Class: class}
	}
	f.leave(&device)
	u.activate(f, device, method)
}

func (u *User) activate(f *fold, d Device, method string) {
	d.State, d.Since, d.Method, d.Reason, d.Due, d.Turn = Active, f.at, method, "", time.Time{}, u.activation()
	u.setDevice(f, d)
}
