package projections

import (
	"context"
	"fmt"
	"time"

	"authledger/domain"
)

// Page is a part of a list: at most Limit, up to [ListMax], of what was first
// heard of after the record After.
type Page struct {
	Limit int
	After uint64
}

func (p Page) limit() int { return min(max(p.Limit, 1), ListMax) }

// Devices is the answer to "which devices does this user have?" at an instant
// the active ones in order of activation, own and shared; behind them the
// others in the order in which they were first heard of. Only those are paged:
// the first page has all the active ones, bounded as they are, beyond its limit.
type Devices struct {
	User    string
	Devices []Device
	More    bool
	AsOf    AsOf
}

// Device is one of them.
type Device struct {
	ID, Class, State string
	Since            time.Time
	Method           string // while active, of an own one
	SharedFrom       string
	SharedWith       []string
	Due              time.Time // when it activates by itself
	Seq              uint64    // record that it was first heard of in; 0 of an active one
}

func (d *Devices) Members(v domain.Visitor) {
	v.Text("user", &d.User, domain.Need)
	v.List("devices", domain.List(&d.Devices))
	v.Flag("more", &d.More, domain.Need)
	v.Object("asOf", &d.AsOf, domain.Need)
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
}

// Devices answers for one user at an instant, from the whole log, or up to the
// record asOf if it is not nil, as [Engine.Lockout] does.
func (e *Engine) Devices(ctx context.Context, log Log, user string, at time.Time, asOf *uint64, page Page) (*Devices, error) {
	v, err := e.view(ctx)
	if err != nil {
		return nil, fmt.Errorf("devices of %s: %w", user, err)
	}
	defer v.close()
	p, err := v.past(log, at, asOf)
	if err != nil {
		return nil, fmt.Errorf("devices of %s: %w", user, err)
	}
	d, err := p.devices(ctx, user, page)
	if err != nil {
		return nil, fmt.Errorf("devices of %s: %w", user, err)
	}
	return d, nil
}

func (p *past) devices(ctx context.Context, name string, page Page) (*Devices, error) {
	d := &Devices{User: name, AsOf: p.asOf}
	others := 0
	for more, after := true, page.After; more; {
		user, found, err := p.userItems(ctx, name, domain.DeviceItem, after, ListMax+1)
		if err != nil {
			return nil, err
		}
		if after == 0 {
			d.Devices = activeDevices(&user)
		}
		more = len(found) > ListMax
		for _, l := range found {
			device := l.item.(*domain.Device)
			switch {
			case device.State == domain.Active:
			case others == page.limit():
				d.More = true
				return d, nil
			default:
				others++
				d.Devices = append(d.Devices, Device{
					ID: device.ID, Class: device.Class, State: device.State, Since: device.Since,
					SharedWith: sharedWith(&user, device.ID), Due: device.Due, Seq: l.seq,
				})
			}
			after = l.seq
		}
	}
	return d, nil
}

func activeDevices(u *domain.User) []Device {
	var all []Device
	for _, a := range u.Active() {
		d := Device{ID: a.ID, Class: a.Class, State: domain.Active, SharedFrom: a.From, Since: a.Since, Method: a.Method}
		if a.From == "" {
			d.SharedWith = sharedWith(u, a.ID)
		}
		all = append(all, d)
	}
	return all
}

// sharedWith are the users with whom an own device is shared.
func sharedWith(u *domain.User, device string) []string {
	var all []string
	for i := range u.Shares {
		if s := &u.Shares[i]; !s.Borrower && s.Device == device && s.State == domain.Approved {
			all = append(all, s.Other)
		}
	}
	return all
}
