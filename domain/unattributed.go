package domain

// BadName is the first character of a user name that does not match the pattern of the
// policy. The zero BadName stands for a matching name. The name itself is not kept, because
// people enter passwords there.
type BadName struct {
	Position  int64  // of the character, from 1, in code points
	Character string // "" if the name is too short
}

func (b *BadName) String() string {
	if b.Character == "" {
		return "a character is missing at position " + decimal(b.Position)
	}
	return "the character at position " + decimal(b.Position) + " is not allowed"
}

// LoginUnattributed is the event of an attempt without a valid or known user. It is recorded
// under the bucket of the client address, so that an attacker cannot create entities
// (LOGIN-9).
type LoginUnattributed struct {
	Reason    string // invalid_character or unknown_user
	Position  int64
	Character string
}

func (e *LoginUnattributed) EventType() string { return "login.unattributed" }
func (e *LoginUnattributed) Members(v Visitor) {
	v.Text("reason", &e.Reason, Need)
	v.Count("position", &e.Position, Free)
	v.Text("character", &e.Character, Free)
}

// BadName returns the invalid character of the user name, the zero BadName if the user was
// only unknown.
func (e *LoginUnattributed) BadName() *BadName { return &BadName{e.Position, e.Character} }

// Unattributed returns the event of an unattributed attempt, nil for any other record.
func (r *Record) Unattributed() *LoginUnattributed {
	if len(r.Events) != 1 {
		return nil
	}
	e, _ := r.Events[0].Data.(*LoginUnattributed)
	return e
}

// unattributed records an unattributed attempt under its bucket. The record has no result
//
func (d *deciding) unattributed(status Status, reason Reason, bad *BadName) error {
	if err := d.addSystem(d.command.Bucket); err != nil {
		return err
	}
	if status == Accepted {
		d.accept(&LoginUnattributed{Reason: UnknownUser})
		return nil
	}
	d.refuse(reason, "user: "+bad.String(), &LoginUnattributed{string(reason), bad.Position, bad.Character})
	return nil
}
