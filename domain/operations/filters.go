package operations

import "slices"

var deviceClasses = []string{"security_code_card", "digital_security_card", "gold", "platinum", "digital_security_card_plus", "ibkr_mobile"}

// Filters of the lists of a realm.
var (
	prefix = Parameter{Name: Prefix, In: InQuery, Type: Text, BytesMax: prefixBytesMax, Example: "ali", Placeholder: "TEXT",
		Description: "List only users whose names begin with this text."}
	locked = Parameter{Name: Locked, In: InQuery, Type: Boolean, Example: "false",
		Description: "List only users that are locked out (true), or only users that are not (false)."}
	hasDevice = Parameter{Name: HasDevice, In: InQuery, Type: Boolean, Example: "false",
		Description: "List only users with an active device, own or shared (true), or only users without one (false)."}
	activeSince = Parameter{Name: ActiveSince, In: InQuery, Type: Instant, Example: "2020-03-02T15:09:00Z", Placeholder: "TIME",
		Description: "List only users with a record at or after this instant."}
	ofUser = Parameter{Name: User, In: InQuery, Type: Text, Example: "alice", Placeholder: "USER",
		Description: "List only items of this user."}
	ofAccount = Parameter{Name: Account, In: InQuery, Type: Text, Example: "U1234567", Placeholder: "ACCOUNT",
		Description: "List only withdrawals of this account."}
	deviceClass = Parameter{Name: Class, In: InQuery, Type: Choice, Choices: deviceClasses, Example: "ibkr_mobile", Placeholder: "CLASS",
		Description: "List only devices of this class."}
	deviceState = Parameter{Name: State, In: InQuery, Type: Choice, Choices: []string{"requested", "shipped", "active", "dormant", "deactivated"}, Example: "active", Placeholder: "STATE",
		Description: "List only devices in this state."}
	codeKind = Parameter{Name: Kind, In: InQuery, Type: Choice, Choices: []string{"temp_passcode", "online_card", "sms", "voice", "challenge", "activation_qr", "activation_sms"}, Example: "sms", Placeholder: "KIND",
		Description: "List only codes of this kind."}
	codeState = Parameter{Name: State, In: InQuery, Type: Choice, Choices: []string{"full", "restricted", "live", "used", "expired", "revoked"}, Example: "live", Placeholder: "STATE",
		Description: "List only codes in this state. A passcode or an online card that can be redeemed is full or restricted; any other code is live."}
	sharingState = Parameter{Name: State, In: InQuery, Type: Choice, Choices: []string{"pending", "approved", "rejected", "cancelled"}, Example: "pending", Placeholder: "STATE",
		Description: "List only sharings in this state. The sharings that an officer must review are pending."}
	withdrawalState = Parameter{Name: State, In: InQuery, Type: Choice, Choices: []string{"approved", "denied", "settled", "cancelled"}, Example: "denied", Placeholder: "STATE",
		Description: "List only withdrawals in this state."}
	withdrawalClass = Parameter{Name: Class, In: InQuery, Type: Choice, Choices: append(slices.Clone(deviceClasses), "temp_passcode", "online_card", "none"), Example: "ibkr_mobile", Placeholder: "CLASS",
		Description: "List only withdrawals that a device or code of this class authenticated. none: no active device and no full code authenticated the request."}
	withdrawalDay = Parameter{Name: Day, In: InQuery, Type: Date, Example: "2026-03-02", Placeholder: "DAY",
		Description: "List only withdrawals of this day, in the time zone of the policy at the time of the request."}
	minUSD = Parameter{Name: MinUSD, In: InQuery, Type: Amount, Example: "10000", Placeholder: "USD",
		Description: "List only withdrawals of at least this amount in USD."}
)
