package domain

// DeviceChangePIN reports that a user changed a device's PIN (DEV-8).
type DeviceChangePIN struct{ User, Device, Code string }

// DeviceResetPIN reports that support reset a device's PIN (DEV-8).
type DeviceResetPIN struct{ User, Device, Agent string }

func (c *DeviceChangePIN) CommandType() string { return "device.change_pin" }
func (c *DeviceChangePIN) names() [2]name      { return oneName(c.User) }
func (c *DeviceChangePIN) Members(v Visitor) {
	v.Text("user", &c.User, nameForm)
	v.Text("device", &c.Device, idForm)
	v.Text("code", &c.Code, idForm)
}

func (c *DeviceResetPIN) CommandType() string        { return "device.reset_pin" }
func (c *DeviceResetPIN) names() [2]name             { return oneName(c.User) }
func (c *DeviceResetPIN) onBehalf() (string, string) { return "agent", c.Agent }
func (c *DeviceResetPIN) Members(v Visitor) {
	v.Text("user", &c.User, nameForm)
	v.Text("device", &c.Device, idForm)
	v.Text("agent", &c.Agent, idForm)
}

func (c *DeviceChangePIN) decide(d *deciding) error {
	if err := d.addUser(c.User); err != nil {
		return err
	}
	class, active := d.user.activeDevice(c.Device)
	code := d.code(c.User, c.Code)
	switch {
	case !active:
		d.refuseDevice(DeviceNotActive, "the device is not active for the user")
	case !hasPIN(class):
		d.refuseDevice(NoPIN, "devices of this class have no PIN")
	case code == nil:
		d.refuseDevice(UnknownCode, "the user has no such code")
	case !c.redeemed(d, class, code):
		d.refuseDevice(CodeNotRedeemed, "redeem a code for change_pin first: it is good for one change, and not for long")
	default:
		d.accept(&DevicePINChanged{})
	}
	return nil
}

// redeemed reports whether code authorizes the change of the PIN. The code MUST be of the
// required kind, redeemed for change_pin within Policy.CodeTTLSeconds, and not used for
// another change.
func (c *DeviceChangePIN) redeemed(d *deciding, class string, code *Code) bool {
	kind := SMS
	if class == DigitalSecurityCardPlus {
		kind = ChallengeCode
	}
	switch {
	case code.Kind != kind || kind == ChallengeCode && code.Device != c.Device:
		return false
	case code.State != Used || code.Purpose != ChangePIN || code.Spent:
		return false
	}
	return d.Time.Before(code.Until.Add(d.policy.codeTTL()))
}

func (c *DeviceResetPIN) decide(d *deciding) error {
	if err := d.addUser(c.User); err != nil {
		return err
	}
	class, active := d.user.activeDevice(c.Device)
	switch {
	case !d.user.Identity.verifiedAt(d.Time, d.policy.IdentityTTL()):
		d.refuseDevice(IdentityNotVerified, "verify the user's identity by phone first")
	case !active:
		d.refuseDevice(DeviceNotActive, "the device is not active for the user")
	case !hasPIN(class):
		d.refuseDevice(NoPIN, "devices of this class have no PIN")
	default:
		d.accept(&DevicePINReset{})
	}
	return nil
}

// DevicePINChanged is the event that a user changed the PIN of a device. The code of the
// command cannot be used for another change.
type DevicePINChanged struct{}

// DevicePINReset is the event that support reset the PIN of a device.
type DevicePINReset struct{}

func (e *DevicePINChanged) EventType() string { return "device.pin_changed" }
func (e *DevicePINChanged) Members(Visitor)   {}
func (e *DevicePINChanged) causedBy(c CommandData) bool {
	_, ok := c.(*DeviceChangePIN)
	return ok
}
func (e *DevicePINChanged) evolve(_ *User, f *fold) {
	code := f.code(f.name, f.command.Data.(*DeviceChangePIN).Code)
	if code == nil {
		return
	}
	spent := *code
	spent.Spent = true
	f.put(CodeKey(f.name, spent.ID), &spent)
}

func (e *DevicePINReset) EventType() string { return "device.pin_reset" }
func (e *DevicePINReset) Members(Visitor)   {}
