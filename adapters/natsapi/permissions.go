package natsapi

import (
	"slices"

	"authledger/adapters/natsconn"
	"authledger/domain"
	"authledger/domain/access"
	"authledger/domain/operations"
)

// Permissions returns the subjects to which a caller may publish and subscribe. It derives
// them from the role table, so that the NATS server rejects a message that the caller's
// role does not permit.
func Permissions(realm string, c *access.Caller) (publish, subscribe []string) {
	commands := 0
	for _, kind := range domain.ClientCommands() {
		if c.Role.May(access.Right(kind)) {
			publish = append(publish, natsconn.CommandSubject(realm, c.Name, kind))
			commands++
		}
	}
	if commands > 0 {
		publish = append(publish, natsconn.CommandSubject(realm, c.Name, batchName), natsconn.IntakeSubject(realm, c.Name))
	}
	for _, o := range operations.All() {
		if c.Role.May(access.Right(o.Right)) {
			publish = append(publish, natsconn.QuerySubject(realm, c.Name, o.Name))
		}
	}
	publish = append(publish, natsconn.ServicePing, natsconn.ServicePing+".>", natsconn.ServiceInfo, natsconn.ServiceInfo+".>")
	if c.Role.May(access.ReadMetrics) {
		publish = append(publish, natsconn.ServiceStats, natsconn.ServiceStats+".>")
	}
	subscribe = []string{natsconn.InboxPrefix(c.Name) + ".>"}
	if c.Role.May(access.ReadLiveEvents) && c.Role.IsRecorded() {
		publish = append(publish, natsconn.QuerySubject(realm, c.Name, eventsQuery))
		return slices.Clip(publish), append(subscribe, natsconn.SessionSubject(realm, c.Name, ">"))
	}
	for _, family := range access.EventFamilies() {
		if c.Role.MaySee(family + ".*") {
			subscribe = append(subscribe, natsconn.EventSubject(realm, family+".>"))
		}
	}
	return slices.Clip(publish), subscribe
}
