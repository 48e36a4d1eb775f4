package eventstore

import "slices"

// assign notes the slot of the key ring that a record of the layer names.
func (l *layer) assign(owner string, slot uint32) {
	l.slots[owner], l.lastSlot = slot, max(l.lastSlot, slot)
}

// KeySlot returns the slot of the key ring that is assigned to an owner, 0 if no slot is.
func (o *Overlay) KeySlot(owner string) (uint32, error) {
	if n, isSet := o.assigned(owner); isSet {
		return n, nil
	}
	return o.state.KeySlot(owner)
}

// assigned returns the slot that the newest layer with a slot of an owner assigned, 0 if that layer has
// erased the owner. It returns false if no layer did either.
func (o *Overlay) assigned(owner string) (slot uint32, isSet bool) {
	for i := len(o.layers) - 1; i >= 0; i-- {
		if n, isSet := o.layers[i].slots[owner]; isSet {
			return n, true
		}
	}
	return 0, false
}

// erases reports whether a record of the layers erases a user.
func (o *Overlay) erases() bool {
	return slices.ContainsFunc(o.layers, func(l *layer) bool { return l.erases })
}

// LastKeySlot returns the highest slot of the key ring that is assigned, 0 if no slot is.
func (o *Overlay) LastKeySlot() (uint32, error) {
	for i := len(o.layers) - 1; i >= 0; i-- {
		if n := o.layers[i].lastSlot; n > 0 {
			return n, nil
		}
	}
	return o.state.LastKeySlot()
}
