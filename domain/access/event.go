package access

import (
	"maps"
	"slices"
	"strings"
)

// eventRights holds the right that a role needs to see events of a family, in
// addition to [ReadLiveEvents]. The family of login.failed is login. A role that may not
// read a state over HTTP may not follow the events that change that state.
var eventRights = map[string]Right{
	"audit":      ReadRecords,
	"code":       ReadCodes,
	"config":     ReadRecords,
	"device":     ReadDevices,
	"identity":   ReadTimeline,
	"lockout":    ReadLockout,
	"login":      ReadLockout,
	"person":     ReadRecords,
	"policy":     ReadPolicy,
	"sharing":    ReadSharings,
	"withdrawal": ReadWithdrawals,
}

// MaySee reports whether the role may see live events of a type, such as login.failed.
// It returns false for a type of an unknown family.
func (r Role) MaySee(eventType string) bool {
	family, _, _ := strings.Cut(eventType, ".")
	right, known := eventRights[family]
	return known && r.May(ReadLiveEvents) && r.May(right)
}

// EventFamilies returns the families of events, in alphabetical order.
func EventFamilies() []string { return slices.Sorted(maps.Keys(eventRights)) }

// IsRecorded reports whether the ledger records an audit.read before it shows live
// events to the role.
func (r Role) IsRecorded() bool { return r == Auditor }
