package apidoc

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"authledger/domain"
	"authledger/domain/access"
	"authledger/eventstore/wire"
)

// ExampleEvent is a CloudEvent of the document's examples.
type ExampleEvent struct {
	Specversion string          `json:"specversion"`
	ID          string          `json:"id"`
	Source      string          `json:"source"`
	Type        string          `json:"type"`
	Time        string          `json:"time"`
	Data        json.RawMessage `json:"data"`
}

// exampleStart is the time of the first command of the history.
var exampleStart = time.Date(2026, 3, 2, 15, 0, 0, 0, time.UTC)

// PresentTime is the time of the examples of single events. The server replaces it in the
// document that it sends by the present time, because it rejects an event of a gateway whose time
// is more than a few minutes ago.
const PresentTime = "9999-12-31T23:59:59Z"

// exampleRoles are the roles of the examples of single events, in order of preference.
var exampleRoles = []access.Role{access.Gateway, access.Support, access.Officer, access.Importer, access.Operator}

// newExample returns an event whose source is that of a token with the name of its role.
func newExample(id, at string, role access.Role, data domain.CommandData) ExampleEvent {
	return ExampleEvent{"1.0", id, string(role) + "/" + string(role), data.CommandType(), at, example(data)}
}

// presentExample returns an event of the present for a role that may submit it.
func presentExample(id string, data domain.CommandData) ExampleEvent {
	may := func(r access.Role) bool { return r.May(access.Right(data.CommandType())) }
	return newExample(id, PresentTime, exampleRoles[slices.IndexFunc(exampleRoles, may)], data)
}

// BinaryExample is the example of the binary mode.
var BinaryExample = presentExample("example-binary", &domain.LoginReport{User: "bob", Outcome: domain.Succeeded})

// ExampleHistory lists the commands that the examples of queries and of later steps need, one
// command a second.
var ExampleHistory = func() (events []ExampleEvent) {
	for i, data := range []domain.CommandData{
		domain.CommandExample("login.report"), // record 1, a failure of alice
		&domain.LoginReport{User: "alice", Outcome: domain.Succeeded},
		&domain.LoginReport{User: "bob", Outcome: domain.Succeeded},
		domain.CommandExample("identity.record"), // of alice; bob has the same identity, so that both may share a device
		&domain.IdentityRecord{User: "bob", Fingerprint: domain.CommandExample("identity.record").(*domain.IdentityRecord).Fingerprint},
		&domain.DeviceRequest{User: "alice", Device: "d-1", Class: "digital_security_card_plus", Purpose: "new", BalanceUSD: "600000.00"},
		&domain.DeviceShip{User: "alice", Device: "d-1"},
		&domain.DeviceActivate{User: "alice", Device: "d-1", Class: "digital_security_card_plus", Method: "portal"},
		&domain.CodeIssue{User: "alice", Code: "c-0", Kind: "sms"},
		&domain.WithdrawalRequest{Withdrawal: "w-0", Account: "U1234567", User: "alice", Device: "d-1", Amount: "100.00", Currency: "USD"},
	} {
		at := string(wire.AppendTime(nil, exampleStart.Add(time.Duration(i)*time.Second)))
		events = append(events, newExample(fmt.Sprintf("history-%d", i+1), at, access.Importer, data))
	}
	return events
}()
