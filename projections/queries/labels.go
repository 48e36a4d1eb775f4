package queries

import "authledger/domain"

// label returns the label that the owner of a device had set up to the record asOf, and ""
// without a label (DEV-10). The instant of the moment has no effect, because the owner's
// clock is not the clock of the user or account that the query is about.
func (m *moment) label(owner, device string) (string, error) {
	d, err := m.ownDevice(owner, device, m.asOf.Seq)
	if err != nil || d == nil {
		return "", err
	}
	return d.Label, nil
}

// usedLabel returns the label of the device with which a user requested the withdrawal that
// the record seq approved. The device is an own device of the user, or a physical device that
// its holder shared with the user.
func (m *moment) usedLabel(user, device string, seq uint64) (string, error) {
	if device == "" {
		return "", nil // a code has no label
	}
	own, err := m.ownDevice(user, device, seq)
	if err != nil {
		return "", err
	}
	if own != nil && own.State == domain.Active {
		return m.label(user, device)
	}
	it, _, err := m.view.ItemAt(domain.HolderKey(device), seq)
	if err != nil {
		return "", err
	}
	holder, ok := it.(*domain.Holder)
	if !ok {
		return "", nil
	}
	return m.label(holder.User, device)
}

// ownDevice returns an own device of a user after the record seq, and nil if the user had no
// such device.
func (m *moment) ownDevice(user, device string, seq uint64) (*domain.Device, error) {
	it, _, err := m.view.ItemAt(domain.DeviceKey(user, device), seq)
	d, _ := it.(*domain.Device)
	return d, err
}
