package domain

import "slices"

// labelForm accepts 1 to 40 printable characters without blanks at the beginning and the end
//
var labelForm = matching(
	`^[\p{L}\p{M}\p{N}\p{P}\p{S}]([\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}]{0,38}[\p{L}\p{M}\p{N}\p{P}\p{S}])?$`,
	"want 1 to 40 printable characters without blanks at the beginning and the end")

// DeviceRename sets the label of a user's own device (DEV-10). The label is not personal
// data, so it is recorded in clear text.
type DeviceRename struct{ User, Device, Label string }

func (c *DeviceRename) CommandType() string { return "device.rename" }
func (c *DeviceRename) names() [2]name      { return oneName(c.User) }
func (c *DeviceRename) Members(v Visitor) {
	v.Text("user", &c.User, nameForm)
	v.Text("device", &c.Device, idForm)
	v.Text("label", &c.Label, labelForm)
}

func (c *DeviceRename) decide(d *deciding) error {
	if err := d.addUser(c.User); err != nil {
		return err
	}
	if d.device(c.User, c.Device) == nil {
		d.refuseDevice(UnknownDevice, "the user has no such device")
		return nil
	}
	d.accept(&DeviceRenamed{})
	return nil
}

// DeviceRenamed is the event that a device got the label of the command.
type DeviceRenamed struct{}

func (e *DeviceRenamed) EventType() string { return "device.renamed" }
func (e *DeviceRenamed) Members(Visitor)   {}
func (e *DeviceRenamed) causedBy(c CommandData) bool {
	_, ok := c.(*DeviceRename)
	return ok
}
func (e *DeviceRenamed) evolve(u *User, f *fold) {
	c := f.command.Data.(*DeviceRename)
	device := f.device(f.name, c.Device)
	if device == nil {
		return
	}
	renamed := *device
	renamed.Label = c.Label
	if i := slices.IndexFunc(u.Devices, func(d Device) bool { return d.ID == c.Device }); i >= 0 {
		u.Devices = slices.Clone(u.Devices)
		u.Devices[i] = renamed
	}
	f.put(DeviceKey(f.name, c.Device), &renamed)
}
