package queries

import (
	"context"
	"fmt"
	"time"

	"authledger/domain"
)

// Devices is the list of a user's devices at an instant. First are the active
// devices, the user's own and shared ones, in the order of activation. Then follow the other
// devices in the order of the records that named them first, or in the reverse order.
//
// Only the other devices are paged. The first page contains all active devices in addition
// to its limit; the rules limit their number.
type Devices struct {
	User    string
	Devices []Device
	Part
}

// Device is one device of the list.
type Device struct {
	ID, Class, State string
	Since            time.Time
	Method           string    // method of activation, while one of the user's own devices is active
	SharedFrom       string    // owner of a shared device
	SharedWith       []string  // users with whom the user shares the device
	Due              time.Time // deadline at which the device activates without a command
	Seq              uint64    // record that named the device first; 0 for an active device
	Label            string    // label that the owner set; "" without a label
}

func (d *Devices) Members(v domain.Visitor) {
	v.Text("user", &d.User, domain.Need)
	v.List("devices", domain.List(&d.Devices))
	d.Part.Members(v)
}

func (d *Device) Members(v domain.Visitor) {
	v.Text("device", &d.ID, domain.Need)
	v.Text("class", &d.Class, domain.Need)
	v.Text("state", &d.State, domain.Need)
	v.Instant("since", &d.Since, domain.Need)
	v.Text("method", &d.Method, domain.Free)
	v.Text("sharedFrom", &d.SharedFrom, domain.Free)
	v.Texts("sharedWith", &d.SharedWith)
	v.Instant("activates", &d.Due, domain.Free)
	seq := int64(d.Seq)
	v.Count("seq", &seq, domain.Free)
	v.Text("label", &d.Label, domain.Free)
}

// Devices returns one page of a user's devices.
func (q *Queries) Devices(ctx context.Context, user string, at time.Time, asOf *uint64, page Page) (*Devices, error) {
	var d *Devices
	err := q.withMoment(ctx, at, asOf, func(m *moment) (err error) {
		d, err = m.devices(ctx, user, page)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("devices of %s: %w", user, err)
	}
	return d, nil
}

func (m *moment) devices(ctx context.Context, name string, page Page) (*Devices, error) {
	d := &Devices{User: name, Part: Part{AsOf: m.asOf, At: page.At}}
	of, err := page.seqs()
	if err != nil {
		return nil, err
	}
	of.limit = ListMax + 1
	others, last := 0, uint64(0)
	for isFirst := page.After == nil; ; isFirst = false {
		user, found, err := m.userItems(ctx, name, domain.DeviceItem, of)
		if err != nil {
			return nil, err
		}
		if isFirst {
			if d.Devices, err = m.activeDevices(&user); err != nil {
				return nil, err
			}
		}
		for _, l := range found {
			device := l.item.(*domain.Device)
			switch {
			case device.State == domain.Active:
			case others == page.limit():
				d.More, d.Next = true, page.next(seqPosition(last))
				return d, nil
			default:
				others++
				last = l.seq
				d.Devices = append(d.Devices, Device{
					ID: device.ID, Class: device.Class, State: device.State, Since: device.Since,
					SharedWith: sharedWith(&user, device.ID), Due: device.Due, Seq: l.seq, Label: device.Label,
				})
			}
			of = of.after(l.seq)
		}
		if len(found) <= ListMax {
			return d, nil
		}
	}
}

func (m *moment) activeDevices(u *domain.User) (all []Device, err error) {
	for _, a := range u.Active() {
		d := Device{ID: a.ID, Class: a.Class, State: domain.Active, SharedFrom: a.From, Since: a.Since, Method: a.Method, Label: a.Label}
		if a.From == "" {
			d.SharedWith = sharedWith(u, a.ID)
		} else if d.Label, err = m.label(a.From, a.ID); err != nil {
			return nil, err
		}
		all = append(all, d)
	}
	return all, nil
}

// sharedWith returns the users with whom u shares one of its own devices.
func sharedWith(u *domain.User, device string) []string {
	var all []string
	for i := range u.Shares {
		if s := &u.Shares[i]; !s.Borrower && s.Device == device && s.State == domain.Approved {
			all = append(all, s.Other)
		}
	}
	return all
}
