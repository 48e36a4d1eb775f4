package domain

// ItemKind is the kind of an item. Row keys contain it, so a kind MUST NOT be reused for
// another type.
type ItemKind byte

const (
	DeviceItem     ItemKind = 'd' // of a user
	CodeItem       ItemKind = 'c' // of a user
	WithdrawalItem ItemKind = 'w' // of an account
	SharingItem    ItemKind = 's' // of the realm
	HolderItem     ItemKind = 'h' // of the realm: the user who owns a physical device
	JoinersItem    ItemKind = 'j' // of a user: the users who joined an app through this user (DEV-9)
	PolicyItem     ItemKind = 'p' // of the realm: the policy under a label
	TokenItem      ItemKind = 't' // of the realm
	TokenClaimItem ItemKind = 'k' // of the realm: the source, hash or NATS key of a token; the owner is the member
	WebhookItem    ItemKind = 'e' // of the realm
	ConfigSizeItem ItemKind = 'n' // of the realm: the numbers of tokens and webhooks

	OpenWithdrawalsItem ItemKind = 'o' // of a user: the number of open withdrawals
)

// ItemKey identifies an item. An id is unique for its kind and owner, and is never reused
//
type ItemKey struct {
	Kind  ItemKind
	Owner string // the user or account, "" for the realm
	ID    string
}

// Item is a state with its own permanent row, such as a device, code, sharing or withdrawal.
// The [User] also holds the live items of the user, because the rules read them together.
type Item interface {
	Data
	item()
}

// NewItem returns an empty item of a kind, nil if the kind is unknown.
func NewItem(kind ItemKind) Item {
	switch kind {
	case DeviceItem:
		return new(Device)
	case CodeItem:
		return new(Code)
	case WithdrawalItem:
		return new(Withdrawal)
	case SharingItem:
		return new(Sharing)
	case HolderItem:
		return new(Holder)
	case JoinersItem:
		return new(Joiners)
	case PolicyItem:
		return new(Policy)
	case TokenItem:
		return new(Token)
	case TokenClaimItem:
		return new(TokenClaim)
	case WebhookItem:
		return new(Webhook)
	case ConfigSizeItem:
		return new(ConfigSize)
	case OpenWithdrawalsItem:
		return new(OpenWithdrawals)
	}
	return nil
}

// ItemChange is an item after a record.
type ItemChange struct {
	Key  ItemKey
	Item Item // nil if the record deleted it
	New  bool // the item did not exist before
}
