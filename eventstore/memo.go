package eventstore

import "authledger/domain"

// memo is the overlay during one decision. It keeps the newest user and the newest account that were
// read, because the sequencer then assigns a key to the user and folds the record into the same states.
// Reading a state again would decode its row again. No record is added to the overlay meanwhile.
type memo struct {
	*Overlay
	name    string // of user; "" if no user was read
	user    domain.User
	id      string // of account; "" if no account was read
	account domain.Account
}

func (m *memo) User(name string) (domain.User, error) {
	if name == m.name && name != "" {
		return m.user, nil
	}
	u, err := m.Overlay.User(name)
	if err == nil {
		m.name, m.user = name, u
	}
	return u, err
}

func (m *memo) Account(id string) (domain.Account, error) {
	if id == m.id && id != "" {
		return m.account, nil
	}
	a, err := m.Overlay.Account(id)
	if err == nil {
		m.id, m.account = id, a
	}
	return a, err
}
