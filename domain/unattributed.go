package domain

// BadName says where a user name breaks the policy's pattern; the zero BadName,
// nowhere. The name itself is never kept: people type passwords there.
type BadName struct {
	Position  int64  // of the first character that offends, from 1, in code points
	Character string // "" if one is missing there
}

func (b *BadName) String() string {
	if b.Character == "" {
		return "a character is missing at position " + decimal(b.Position)
	}
	return "the character at position " + decimal(b.Position) + " is not allowed"
}

// LoginUnattributed: an attempt that is nobody's, recorded under the bucket of
// its address, so that an attacker can't name entities (LOGIN-9).
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

// BadName tells where the name of an unattributed attempt was bad: nowhere, the
// zero BadName, if it was merely unknown.
func (e *LoginUnattributed) BadName() *BadName { return &BadName{e.Position, e.Character} }

// Unattributed returns the event of an attempt that is nobody's, nil for any
// other record. Such a record is the only one whose command lacks its user.
func (r *Record) Unattributed() *LoginUnattributed {
	if len(r.Events) != 1 {
		return nil
	}
	e, _ := r.Events[0].Data.(*LoginUnattributed)
	return e
}

// unattributed records an attempt that is nobody's under its bucket. It has no
// result.
func (d *deciding) unattributed(status Status, reason Reason, bad *BadName) error {
	if err := d.onSystem(d.command.Bucket); err != nil {
		return err
	}
	if status == Accepted {
		d.accept(&LoginUnattributed{Reason: UnknownUser})
		return nil
	}
	d.refuse(reason, "user: "+bad.String(), &LoginUnattributed{string(reason), bad.Position, bad.Character})
	return nil
}
