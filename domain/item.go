package domain

// ItemKind says what an item is. It is the first byte of its row's key: stored
// as long as rows are, and never used again for something else.
type ItemKind byte

const (
	DeviceItem     ItemKind = 'd' // of a user
	CodeItem       ItemKind = 'c' // of a user
	WithdrawalItem ItemKind = 'w' // of an account
	SharingItem    ItemKind = 's' // of the realm
	HolderItem     ItemKind = 'h' // of the realm: who has a physical device as an own one
	JoinersItem    ItemKind = 'j' // of a user: who joined an app of his through him (DEV-9)
	PolicyItem     ItemKind = 'p' // of the realm: the policy under a label
)

// ItemKey names an item: its id, and whose id that is. Ids are taken for good
//
type ItemKey struct {
	Kind  ItemKind
	Owner string // the user or account that the id is scoped to, "" for the realm
	ID    string
}

// Item is a state with a row of its own, kept for ever: a device, a code, a
// sharing, a withdrawal. What the rules must read together, a user's live ones,
// stands in the [User] too.
type Item interface {
	Data
	item()
}

// NewItem makes an empty item, nil if there is no such kind.
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
	}
	return nil
}

// ItemChange is what a record made of an item.
type ItemChange struct {
	Key  ItemKey
	Item Item // nil: it is gone
	New  bool // there was none before
}
