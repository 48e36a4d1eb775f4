package domain

import "time"

// MemberKind is the JSON kind of a member's value.
type MemberKind int

// The kinds of members.
const (
	TextMember MemberKind = iota
	FlagMember
	CountMember
	ObjectMember // an object or an array
)

// Member describes a member of a command for documents and for the command line.
type Member struct {
	Name        string
	Kind        MemberKind
	Form        Form
	Format      string // of the value, such as id, "" if Form lists the values
	Description string // a sentence
}

// memberText is the format and the description of a member.
type memberText struct{ format, description string }

// Formats that several members share.
const (
	userFormat = "user name"
	idFormat   = "id" // see wrongID
	usdFormat  = "decimal, USD"
)

// memberTexts describes the members of commands. A key is a member, or a command type and a
// member if the member has a special meaning in that command.
var memberTexts = map[string]memberText{
	"user":          {userFormat, "Name of the user."},
	"attempt":       {idFormat, "ID of the login attempt, which the caller chooses."},
	"platform":      {"", "Platform on which the user logs in."},
	"clientVersion": {"text", "Version of the user's client software."},
	"ip":            {"IP address", "Address of the user's client."},
	"userAgent":     {"text", "User agent of the user's client."},
	"outcome":       {"", "Result of the login attempt."},
	"reason":        {"", "Reason of the failure. Required if the outcome is failed."},
	"device":        {idFormat, "ID of the device."},
	"code":          {idFormat, "ID of the code, never the code itself."},
	"agent":         {idFormat, "ID of the support agent."},
	"by":            {idFormat, "ID of the person who submits the command."},
	"fingerprint":   {"hex or base64", "Keyed hash of the user's identity, 32 to 128 characters."},
	"channel":       {"", "Channel of the verification."},
	"policy":        {"policy document", "Complete policy, as `authledger policy show --json` prints it."},
	"class":         {"", "Class of the device."},
	"purpose":       {"", "Purpose of the request."},
	"replaces":      {idFormat, "ID of the device that the new device replaces."},
	"balanceUsd":    {usdFormat, "Balance of the user's account. A user whose only devices are apps needs at least 500000.00."},
	"carrier":       {"text", "Carrier of the shipment."},
	"method":        {"", "Method of activation. The app needs qr or sms_code; a physical device needs portal or challenge."},
	"label":         {"text", "Label of the device, 1 to 40 printable characters."},
	"owner":         {userFormat, "Name of the user who owns the device."},
	"kind":          {"", "Kind of the code."},
	"clientChannel": {"text", "Release channel of the user's TWS, such as latest or beta."},
	"sharing":       {idFormat, "ID of the sharing, which the requester's client chooses."},
	"requester":     {userFormat, "Name of the user who asks to use the device."},
	"review":        {"", "Whether an officer must approve the sharing. Default: false."},
	"officer":       {idFormat, "ID of the compliance officer."},
	"decision":      {"", "Decision of the officer."},
	"note":          {"text", "Note of the officer, at most 2048 bytes."},
	"withdrawal":    {idFormat, "ID of the withdrawal, which the caller chooses."},
	"account":       {idFormat, "Number of the account."},
	"amount":        {"decimal", "Amount in the currency, above 0."},
	"currency":      {"ISO 4217", "Currency of the amount."},
	"usdAmount":     {usdFormat, "Value of the amount in US dollars. Required unless the currency is USD."},

	"name":         {"text", "Name of the token, at most 64 letters, digits and . _ : -."},
	"role":         {"", "Role of the token."},
	"source":       {"text", "Only source that commands of the token may have. Default: the role, a slash and the name."},
	"tokenHash":    {"64 hexadecimal digits", "SHA-256 of the token."},
	"nkey":         {"NATS public key", "Public NATS key of the client."},
	"rate":         {"number", "Maximum number of commands, requests or intake messages a second. Default: 10000."},
	"expires":      {"RFC 3339 time", "Time at which the token expires, at most five years from now. Default: in 90 days."},
	"persons":      {"JSON array of ids", "Persons for whom the token may act, * for every person."},
	"url":          {"URL", "URL of the endpoint that receives the events."},
	"types":        {"JSON array of event types", "Types of the events to deliver, login.refused:REASON, or * for all."},
	"secret":       {"whsec_ and base64", "Secret that signs the deliveries."},
	"allowPrivate": {"", "Whether the endpoint may be in a private network, or use http. Default: false."},
	"case":         {idFormat, "Number of the case that requires the command."},
	"atOnce":       {"", "Whether the former secret stops to sign at once. Default: false."},

	"config.webhook_add name":    {"text", "Name of the endpoint, at most 64 lower-case letters, digits and _ -."},
	"config.webhook_rotate name": {"text", "Name of the endpoint."},
	"config.webhook_remove name": {"text", "Name of the endpoint."},
	"config.token_revoke name":   {"text", "Name of the token."},

	"person.forget purpose":  {"text", "Purpose of the erasure, at most 128 characters. It stays in clear text: write no personal data."},
	"person.hold purpose":    {"text", "Purpose of the hold, at most 128 characters. It stays in clear text: write no personal data."},
	"person.release purpose": {"text", "Purpose of the release, at most 128 characters. It stays in clear text: write no personal data."},

	"login.finish device":       {idFormat, "ID of the device that the user used."},
	"login.finish code":         {idFormat, "ID of the code that the user used, never the code itself."},
	"login.report device":       {idFormat, "ID of the device that the user used."},
	"login.report code":         {idFormat, "ID of the code that the user used, never the code itself."},
	"device.deactivate reason":  {"", "Reason of the deactivation. The user can activate the device again only after by_user."},
	"device.activate code":      {idFormat, "ID of the activation code, for the methods qr and sms_code."},
	"device.add_user user":      {userFormat, "Name of the user who joins the app."},
	"device.add_user code":      {idFormat, "ID of a code of the kind activation_sms that the user received."},
	"device.change_pin code":    {idFormat, "ID of a code that the user redeemed for change_pin."},
	"code.issue agent":          {idFormat, "ID of the support agent who issued the code."},
	"code.issue device":         {idFormat, "ID of the device. Required for the kind challenge."},
	"code.issue platform":       {"", "Platform on which the user requested the code."},
	"code.redeem platform":      {"", "Platform on which the user redeems the code."},
	"code.redeem purpose":       {"", "Purpose of the code. Default: login."},
	"code.revoke by":            {idFormat, "ID of the user or support agent who revokes the code."},
	"sharing.cancel by":         {idFormat, "Name of the requester or the owner, or support for the support desk."},
	"withdrawal.request device": {idFormat, "ID of the device that authenticates the request. Give a device or a code."},
	"withdrawal.request code":   {idFormat, "ID of the code that authenticates the request. Give a device or a code."},
	"withdrawal.cancel by":      {idFormat, "ID of the user or support agent who cancels the withdrawal."},
}

// MemberDescription returns a sentence that describes a member of a command type. It returns ""
// for the members of commands that only the ledger sends.
func MemberDescription(commandType, member string) string {
	return textOf(commandType, member).description
}

func textOf(commandType, member string) memberText {
	if !ForClients(commandType) {
		return memberText{}
	}
	if special, ok := memberTexts[commandType+" "+member]; ok {
		return special
	}
	return memberTexts[member]
}

// CommandMembers returns the members of a command type that clients may send, in the order of
// records. It returns nil for other types.
func CommandMembers(commandType string) []Member {
	if !ForClients(commandType) {
		return nil
	}
	v := &memberVisitor{commandType: commandType}
	NewCommandData(commandType).Members(v)
	return v.members
}

// memberVisitor collects the descriptions of the visited members.
type memberVisitor struct {
	commandType string
	members     []Member
}

func (v *memberVisitor) add(name string, kind MemberKind, f Form) {
	text := textOf(v.commandType, name)
	v.members = append(v.members, Member{name, kind, f, text.format, text.description})
}

func (v *memberVisitor) Text(name string, _ *string, f Form)       { v.add(name, TextMember, f) }
func (v *memberVisitor) Count(name string, _ *int64, f Form)       { v.add(name, CountMember, f) }
func (v *memberVisitor) Flag(name string, _ *bool, f Form)         { v.add(name, FlagMember, f) }
func (v *memberVisitor) Instant(name string, _ *time.Time, f Form) { v.add(name, TextMember, f) }
func (v *memberVisitor) Instants(name string, _ *[]time.Time)      { v.add(name, ObjectMember, Free) }
func (v *memberVisitor) Texts(name string, _ *[]string)            { v.add(name, ObjectMember, Free) }
func (v *memberVisitor) Object(name string, _ Data, f Form)        { v.add(name, ObjectMember, f) }
func (v *memberVisitor) List(name string, _ Items)                 { v.add(name, ObjectMember, Free) }
