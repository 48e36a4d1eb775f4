package domain

import "slices"

// DeviceAddUser reports that another user joined an app (DEV-7).
type DeviceAddUser struct{ User, Owner, Device, Code string }

func (c *DeviceAddUser) CommandType() string { return "device.add_user" }
func (c *DeviceAddUser) names() [2]name {
	return [2]name{{"user", c.User}, {"owner", c.Owner}}
}
func (c *DeviceAddUser) Members(v Visitor) {
	v.Text("user", &c.User, nameForm)
	v.Text("owner", &c.Owner, nameForm)
	v.Text("device", &c.Device, idForm)
	v.Text("code", &c.Code, idForm)
}

// Check checks the members against each other.
func (c *DeviceAddUser) Check() *Rejection {
	if c.User == c.Owner {
		return &Rejection{BadField, "owner", "the owner can't join their own device"}
	}
	return nil
}

func (c *DeviceAddUser) decide(d *deciding) error {
	if err := d.addUser(c.User); err != nil {
		return err
	}
	owner, err := d.states.User(c.Owner)
	if err != nil {
		return err
	}
	owner = owner.At(d.Time)
	reason, detail := c.refusal(d, &owner)
	if reason == "" {
		reason, detail = d.codeKindRefusal(c.User, c.Code, ActivationSMS)
	}
	if reason != "" {
		d.refuseDevice(reason, detail)
		return nil
	}
	d.accept(&CodeRedeemed{})
	d.accept(&DeviceUserAdded{})
	d.revokeTemporary(0, d.Time)
	return nil
}

// refusal returns the first refusal of A-29 that applies, "" if none applies.
func (c *DeviceAddUser) refusal(d *deciding, owner *User) (Reason, string) {
	class, active := owner.activeDevice(c.Device)
	if was := d.device(c.Owner, c.Device); was != nil {
		class = was.Class
	}
	own := d.device(c.User, c.Device)
	switch {
	case class != "" && physical(class):
		return UseSharing, "a physical device is shared, not joined"
	case !active:
		return DeviceNotActive, "the device is not active for its owner"
	case own != nil && physical(own.Class), d.user.borrowedDevice(c.Device) != nil:
		return ClassMismatch, "the ledger knows this device of the user as another class"
	case own != nil && own.IsGone():
		return DeviceGone, "this device was lost, damaged or replaced"
	case own != nil && own.State == Active:
		return AlreadyActive, "the device is active for the user"
	case own == nil && len(d.user.Devices) >= devicesMax:
		return TooMany, "the user has as many devices as the ledger keeps: deactivate one for good"
	case d.joinedWith(c.User, c.Owner, c.Device) > joinersMax:
		return TooMany, "as many users have joined this device as the ledger lets"
	}
	return "", ""
}

// Joiners lists the users who joined an app through another user, in order of joining. A
// user who then activates the app manually or loses it is removed (DEV-9).
type Joiners struct{ Users []string }

func (j *Joiners) item()             {}
func (j *Joiners) Members(v Visitor) { v.Texts("users", &j.Users) }

// JoinersKey returns the key of the users who joined a device of owner through owner (DEV-9).
func JoinersKey(owner, device string) ItemKey {
	return ItemKey{Kind: JoinersItem, Owner: owner, ID: device}
}

// joined returns the users who joined a device through owner, directly or through other
// users: breadth first, in order of joining (DEV-9).
func (f *fold) joined(owner, device string) []string {
	all := []string{owner}
	for i := 0; i < len(all); i++ {
		j, _ := f.item(JoinersKey(all[i], device)).(*Joiners)
		if j == nil {
			continue
		}
		for _, name := range j.Users {
			if !slices.Contains(all, name) {
				all = append(all, name)
			}
		}
	}
	return all[1:]
}

// root follows the users through whom owner joined a device, up to the user who did not join
// it. Two users can have joined through each other, so the number of steps is limited.
func (f *fold) root(owner, device string) string {
	for range joinersMax {
		d := f.device(owner, device)
		if d == nil || d.Through == "" {
			break
		}
		owner = d.Through
	}
	return owner
}

// joinedWith returns the number of users below the root of owner after user has joined,
// including the users who joined through user.
func (f *fold) joinedWith(user, owner, device string) int {
	root := f.root(owner, device)
	all := f.joined(root, device)
	for _, name := range append([]string{user}, f.joined(user, device)...) {
		if name != root && !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return len(all)
}

// leave removes the user that is being changed from the joiners of a device.
func (f *fold) leave(d *Device) {
	if d.Through == "" {
		return
	}
	k := JoinersKey(d.Through, d.ID)
	d.Through = ""
	j, _ := f.item(k).(*Joiners)
	if j == nil {
		return
	}
	rest := slices.DeleteFunc(slices.Clone(j.Users), func(name string) bool { return name == f.name })
	if len(rest) == 0 {
		f.put(k, nil)
		return
	}
	f.put(k, &Joiners{rest})
}

// DeviceUserAdded is the event that a user joined an app. The app is then also an own device
// of that user.
type DeviceUserAdded struct{}

func (e *DeviceUserAdded) EventType() string { return "device.user_added" }
func (e *DeviceUserAdded) Members(Visitor)   {}
func (e *DeviceUserAdded) causedBy(c CommandData) bool {
	_, ok := c.(*DeviceAddUser)
	return ok
}
func (e *DeviceUserAdded) evolve(u *User, f *fold) {
	c := f.command.Data.(*DeviceAddUser)
	device, ok := u.deviceOf(c.Device)
	if !ok {
		device = Device{ID: c.Device, Class: IBKRMobile}
	}
	f.leave(&device)
	device.Through = c.Owner
	u.activate(f, device, SMSCode)
	k := JoinersKey(c.Owner, c.Device)
	j, _ := f.item(k).(*Joiners)
	if j == nil {
		f.put(k, &Joiners{[]string{c.User}})
		return
	}
	f.put(k, &Joiners{append(slices.Clip(j.Users), c.User)})
}
