package domain

// SharingRequest requests that a user may use a physical device of another user.
type SharingRequest struct {
	Sharing, Requester, Owner, Device string
	Review                            bool
}

// SharingReview is the decision of an officer about a pending sharing (SHARE-3).
type SharingReview struct{ Sharing, Officer, Decision, Note string }

// SharingCancel ends a sharing (SHARE-5).
type SharingCancel struct{ Sharing, By string }

// bySupport is the value of the member "by" if support cancels a sharing.
const bySupport = "support"

const (
	approve = "approve"
	reject  = "reject"
)

var (
	decisionForm = oneOf(approve, reject)
	noteForm     = Form{Personal: true, Wrong: atMost(noteBytesMax), BytesMax: noteBytesMax}
)

func (c *SharingRequest) CommandType() string { return "sharing.request" }
func (c *SharingRequest) names() [2]name {
	return [2]name{{"requester", c.Requester}, {"owner", c.Owner}}
}
func (c *SharingRequest) Members(v Visitor) {
	v.Text("sharing", &c.Sharing, idForm)
	v.Text("requester", &c.Requester, nameForm)
	v.Text("owner", &c.Owner, nameForm)
	v.Text("device", &c.Device, idForm)
	v.Flag("review", &c.Review, Free)
}

// Check checks the members against each other.
func (c *SharingRequest) Check() *Rejection {
	if c.Requester == c.Owner {
		return &Rejection{BadField, "owner", "requester and owner are the same user"}
	}
	return nil
}

func (c *SharingReview) CommandType() string        { return "sharing.review" }
func (c *SharingReview) onBehalf() (string, string) { return "officer", c.Officer }
func (c *SharingReview) Members(v Visitor) {
	v.Text("sharing", &c.Sharing, idForm)
	v.Text("officer", &c.Officer, idForm)
	v.Text("decision", &c.Decision, decisionForm)
	v.Text("note", &c.Note, noteForm)
}

func (c *SharingCancel) CommandType() string        { return "sharing.cancel" }
func (c *SharingCancel) onBehalf() (string, string) { return "by", c.By }
func (c *SharingCancel) Members(v Visitor) {
	v.Text("sharing", &c.Sharing, idForm)
	v.Text("by", &c.By, partyForm)
}

func (c *SharingRequest) decide(d *deciding) error {
	if d.sharing(c.Sharing) != nil {
		d.reject(IDReused, "sharing: a sharing with this id exists: use another id")
		return nil
	}
	known, err := d.known(c.Requester, c.Owner)
	if err != nil {
		return err
	}
	if !known {
		return d.unknownSharing(UnknownUser, "the ledger knows no such user")
	}
	if err := d.addUsers(c.Requester, c.Owner); err != nil {
		return err
	}
	d.emitOverdue()
	if reason, detail := d.unshareable(c.Device, ""); reason != "" {
		d.refuseSharing(reason, detail)
		return nil
	}
	d.accept(&SharingRequested{Class: d.device(c.Owner, c.Device).Class})
	if c.Review || d.policy.SharingReview == reviewAlways {
		d.accept(&SharingPending{})
		return nil
	}
	d.grant()
	return nil
}

// known reports whether at least one record names each of the users, after the newest erasure of
// the user.
func (d *deciding) known(names ...string) (bool, error) {
	for _, name := range names {
		u, err := d.states.User(name)
		if err != nil || !u.IsKnown() {
			return false, err
		}
	}
	return true, nil
}

// unknownSharing refuses a command about an unknown sharing or an unknown user, and records the
// refusal under SystemSharing.
func (d *deciding) unknownSharing(reason Reason, detail string) error {
	if err := d.addSystem(SystemSharing); err != nil {
		return err
	}
	d.refuseSharing(reason, detail)
	return nil
}

// unshareable returns the first refusal of SHARE-1 that applies to the two users of the
// record, requester and owner. The argument ignored is the id of a sharing that it does not
// count, "" for none.
func (d *deciding) unshareable(device, ignored string) (Reason, string) {
	requester, owner := &d.Users[0], &d.Users[1]
	own := d.device(owner.Name, device)
	switch {
	case own != nil && !physical(own.Class):
		return NotPhysical, "this is an app: let the other user join it"
	case own == nil || own.State != Active:
		return DeviceNotActive, "the device is not active for its owner"
	case requester.After.sharesWith(owner.Name, device, ignored):
		return AlreadyShared, "these two share this device, or have asked to"
	case requester.After.hasTemporary() || owner.After.hasTemporary():
		return TemporaryDeviceActive, "one of the two has a live temporary passcode or online card"
	case !sameIdentity(&requester.After, &owner.After):
		return IdentityMismatch, "the recorded identities differ, or one is missing"
	case requester.After.outranks(own.Class) || owner.After.outranks(own.Class):
		return LowerProtectionLevel, "one of the two has a device that protects better: share that one"
	case len(requester.After.Shares) >= liveSharingMax+extra(ignored) || len(owner.After.Shares) >= liveSharingMax+extra(ignored):
		return TooMany, "one of the two has as many sharings as the ledger keeps"
	}
	return "", ""
}

// extra returns the number of ignored sharings. The caller adds it to the limit, because the
// users' sharings include the ignored sharing.
func extra(ignored string) int {
	if ignored == "" {
		return 0
	}
	return 1
}

func (u *User) sharesWith(owner, device, ignored string) bool {
	for i := range u.Shares {
		if s := &u.Shares[i]; s.Borrower && s.Other == owner && s.Device == device && s.ID != ignored {
			return true
		}
	}
	return false
}

func (u *User) hasTemporary() bool {
	return u.liveCode(TempPasscode) != nil || u.liveCode(OnlineCard) != nil
}

func sameIdentity(a, b *User) bool {
	return a.Identity.Fingerprint != "" && a.Identity.Fingerprint == b.Identity.Fingerprint
}

// outranks reports whether the user has an active or dormant physical device with a higher
// protection level than class.
func (u *User) outranks(class string) bool {
	for i := range u.Devices {
		d := &u.Devices[i]
		if (d.State == Active || d.State == Dormant) && rank(d.Class) > rank(class) {
			return true
		}
	}
	for i := range u.Shares {
		if s := &u.Shares[i]; s.borrowed() && rank(s.Class) > rank(class) {
			return true
		}
	}
	return false
}

// grant makes the device active for the requester. It makes the other physical devices of the
// requester dormant, in order of activation (SHARE-4, A-25).
func (d *deciding) grant() {
	d.accept(&SharingApproved{})
	d.accept(&SharingGranted{})
	for _, a := range d.user.Active() {
		if own, ok := d.user.deviceOf(a.ID); ok && own.State == Active && physical(own.Class) {
			d.accept(&DeviceDormant{Device: a.ID})
		}
	}
}

func (c *SharingReview) decide(d *deciding) error {
	s, err := d.addSharing(c.Sharing)
	if s == nil || err != nil {
		return err
	}
	switch {
	case s.State != Pending:
		d.refuseSharing(NotPending, "the sharing is not pending")
	case s.party(c.Officer):
		d.refuseSharing(OfficerIsParty, "who reviews a sharing is neither of its users")
	case c.Decision != approve:
		d.accept(&SharingRejected{})
	default:
		if reason, detail := d.unshareable(s.Device, s.ID); reason != "" {
			d.refuseSharing(reason, detail)
			return nil
		}
		d.grant()
	}
	return nil
}

func (c *SharingCancel) decide(d *deciding) error {
	s, err := d.addSharing(c.Sharing)
	if s == nil || err != nil {
		return err
	}
	switch {
	case !s.party(c.By) && c.By != bySupport:
		d.refuseSharing(NotAParty, "one of the two users ends a sharing, or support")
	case s.State != Pending && s.State != Approved:
		d.refuseSharing(NotShared, "the sharing has ended")
	default:
		d.accept(&SharingCancelled{})
	}
	return nil
}

// addSharing adds the users of a sharing to the record. If the sharing is unknown, it records
// a refusal and returns nil.
func (d *deciding) addSharing(id string) (*Sharing, error) {
	s := d.sharing(id)
	if s == nil {
		if d.err != nil {
			return nil, d.err
		}
		return nil, d.unknownSharing(UnknownSharing, "there is no such sharing")
	}
	if err := d.addUsers(s.Requester, s.Owner); err != nil {
		return nil, err
	}
	d.emitOverdue()
	return s, nil
}
