package projections

import (
	"slices"

	"authledger/domain"
)

// The names that groups are made of. Keys hold the positions of the names, so a new name is
// appended. The empty name stands for a list that has no classes.
var (
	deviceClasses = []string{
		domain.SecurityCodeCard, domain.DigitalSecurityCard, domain.Gold, domain.Platinum, domain.DigitalSecurityCardPlus, domain.IBKRMobile,
	}
	codeKinds = []string{
		domain.TempPasscode, domain.OnlineCard, domain.SMS, domain.Voice, domain.ChallengeCode, domain.ActivationQR, domain.ActivationSMS,
	}
	withdrawalClasses = slices.Concat(deviceClasses, []string{domain.TempPasscode, domain.OnlineCard, NoClass})

	deviceStates     = []string{domain.Requested, domain.Shipped, domain.Active, domain.Dormant, domain.Deactivated}
	codeStates       = []string{domain.Full, domain.Restricted, domain.Live, domain.Used, domain.Expired, domain.Revoked}
	sharingStates    = []string{domain.Pending, domain.Approved, domain.Rejected, domain.Cancelled}
	withdrawalStates = []string{domain.Approved, domain.Denied, domain.Settled, domain.Cancelled}
)

// statesMax is the maximum number of states of one class.
const statesMax = 8

// divisions holds the classes and the states of each list of items.
var divisions = map[domain.ItemKind]struct{ classes, states []string }{
	domain.DeviceItem:     {deviceClasses, deviceStates},
	domain.CodeItem:       {codeKinds, codeStates},
	domain.SharingItem:    {[]string{""}, sharingStates},
	domain.WithdrawalItem: {withdrawalClasses, withdrawalStates},
}

// groupOf returns the group of an item with a class.
func groupOf(it domain.Item, class string) int64 {
	switch it := it.(type) {
	case *domain.Device:
		return groupIn(domain.DeviceItem, it.Class, it.State)
	case *domain.Code:
		return groupIn(domain.CodeItem, it.Kind, it.State)
	case *domain.Sharing:
		return groupIn(domain.SharingItem, "", it.State)
	case *domain.Withdrawal:
		return groupIn(domain.WithdrawalItem, class, it.State)
	}
	return 0
}

// groupIn returns the group of a class and a state. Names that the package does not know have
// the group of the name after the last known one.
func groupIn(list domain.ItemKind, class, state string) int64 {
	d := divisions[list]
	return int64(place(d.classes, class)*statesMax + place(d.states, state))
}

// nameAt returns the name at a place, "" if the package does not know it.
func nameAt(names []string, i int64) string {
	if i >= 0 && int(i) < len(names) {
		return names[i]
	}
	return ""
}

func place(names []string, name string) int {
	if i := slices.Index(names, name); i >= 0 {
		return i
	}
	return len(names)
}

// classOf returns the class of a device and the kind of a code, "" for other items.
func classOf(it domain.Item) string {
	switch it := it.(type) {
	case *domain.Device:
		return it.Class
	case *domain.Code:
		return it.Kind
	}
	return ""
}

// classIn returns the class of a group, "" if the package does not know it.
func classIn(list domain.ItemKind, group int64) string {
	return nameAt(divisions[list].classes, group/statesMax)
}

// stateIn returns the state of a group, "" if the package does not know it.
func stateIn(list domain.ItemKind, group int64) string {
	return nameAt(divisions[list].states, group%statesMax)
}

// Groups of users.
const (
	unlockedGroup = iota
	lockedGroup
)

func userGroup(u *domain.User) int64 {
	if u.Lock.Held {
		return lockedGroup
	}
	return unlockedGroup
}
