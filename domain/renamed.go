package domain

// renamed is a command with members that hold names of users. The method returns a copy with the texts
// that rename returns for these members.
type renamed interface {
	renamed(rename func(member, name string) string) CommandData
}

// Renamed returns data with other names of users: a copy with the texts that rename returns for the members
// that hold such names, or data itself if it has no such members. The members by, agent and officer hold the name
// of a user or the id of another person, because the rules compare them with users (SHARE-3); by can also be
// [SupportDesk].
func Renamed(data CommandData, rename func(member, name string) string) CommandData {
	if r, ok := data.(renamed); ok {
		return r.renamed(rename)
	}
	return data
}

// RequiresKnown reports whether the rules refuse a command of this type that names a user whom no record
// names. Such a command introduces no person (PERSON-5).
func RequiresKnown(data CommandData) bool {
	switch data.(type) {
	case *PersonForget, *PersonHold, *PersonRelease, *SharingRequest:
		return true
	}
	return false
}

type renaming = func(member, name string) string

func (c LoginBegin) renamed(to renaming) CommandData  { c.User = to("user", c.User); return &c }
func (c LoginFinish) renamed(to renaming) CommandData { c.User = to("user", c.User); return &c }
func (c LoginReport) renamed(to renaming) CommandData { c.User = to("user", c.User); return &c }

func (c LockoutRelease) renamed(to renaming) CommandData {
	c.User, c.Agent = to("user", c.User), to("agent", c.Agent)
	return &c
}

func (c IdentityRecord) renamed(to renaming) CommandData { c.User = to("user", c.User); return &c }

func (c IdentityVerify) renamed(to renaming) CommandData {
	c.User, c.Agent = to("user", c.User), to("agent", c.Agent)
	return &c
}

func (c CodeIssue) renamed(to renaming) CommandData {
	c.User, c.Agent = to("user", c.User), to("agent", c.Agent)
	return &c
}

func (c CodeRedeem) renamed(to renaming) CommandData { c.User = to("user", c.User); return &c }

func (c CodeRevoke) renamed(to renaming) CommandData {
	c.User, c.By = to("user", c.User), to("by", c.By)
	return &c
}

func (c DeviceRequest) renamed(to renaming) CommandData    { c.User = to("user", c.User); return &c }
func (c DeviceShip) renamed(to renaming) CommandData       { c.User = to("user", c.User); return &c }
func (c DeviceActivate) renamed(to renaming) CommandData   { c.User = to("user", c.User); return &c }
func (c DeviceDeactivate) renamed(to renaming) CommandData { c.User = to("user", c.User); return &c }
func (c DeviceChangePIN) renamed(to renaming) CommandData  { c.User = to("user", c.User); return &c }
func (c DeviceRename) renamed(to renaming) CommandData     { c.User = to("user", c.User); return &c }

func (c DeviceResetPIN) renamed(to renaming) CommandData {
	c.User, c.Agent = to("user", c.User), to("agent", c.Agent)
	return &c
}

func (c DeviceAddUser) renamed(to renaming) CommandData {
	c.User, c.Owner = to("user", c.User), to("owner", c.Owner)
	return &c
}

func (c SharingRequest) renamed(to renaming) CommandData {
	c.Requester, c.Owner = to("requester", c.Requester), to("owner", c.Owner)
	return &c
}

func (c SharingReview) renamed(to renaming) CommandData {
	c.Officer = to("officer", c.Officer)
	return &c
}

func (c SharingCancel) renamed(to renaming) CommandData { c.By = to("by", c.By); return &c }

func (c WithdrawalRequest) renamed(to renaming) CommandData { c.User = to("user", c.User); return &c }
func (c WithdrawalCancel) renamed(to renaming) CommandData  { c.By = to("by", c.By); return &c }

func (c PersonForget) renamed(to renaming) CommandData {
	c.User, c.By = to("user", c.User), to("by", c.By)
	return &c
}

func (c PersonHold) renamed(to renaming) CommandData {
	c.User, c.By = to("user", c.User), to("by", c.By)
	return &c
}

func (c PersonRelease) renamed(to renaming) CommandData {
	c.User, c.By = to("user", c.User), to("by", c.By)
	return &c
}

func (c PolicyAdopt) renamed(to renaming) CommandData         { c.By = to("by", c.By); return &c }
func (c ConfigTokenAdd) renamed(to renaming) CommandData      { c.By = to("by", c.By); return &c }
func (c ConfigTokenRevoke) renamed(to renaming) CommandData   { c.By = to("by", c.By); return &c }
func (c ConfigWebhookAdd) renamed(to renaming) CommandData    { c.By = to("by", c.By); return &c }
func (c ConfigWebhookRotate) renamed(to renaming) CommandData { c.By = to("by", c.By); return &c }
func (c ConfigWebhookRemove) renamed(to renaming) CommandData { c.By = to("by", c.By); return &c }
