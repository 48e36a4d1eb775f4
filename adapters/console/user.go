package console

import (
	"net/http"
	"net/url"

	"authledger/domain"
	"authledger/domain/operations"
	"authledger/projections/queries"
)

// userOperations are the operations whose answers the page of a user shows.
var userOperations = []string{"lockout", "troubleshoot", "devices", "codes", "sharings", "holds", "forgotten", "timeline"}

// Sizes of the parts of a page about a user.
const (
	itemsShown  = 50  // devices, codes and sharings
	eventsDrawn = 200 // records that the time line of lockouts reads
)

// userBody is the body of the page of a user. A part is nil if the caller may not read it.
type userBody struct {
	User     string
	Lockout  *lockoutPart
	Troubles []troubleRow
	Menus    []menuRow
	Devices  *devicesPart
	Codes    []codeRow
	Sharings []sharingRow
	Holds    *holdsPart
	Timeline *timelinePart

	IsUnknown bool     // no record up to the moment names the user
	Hidden    []string // operations whose answers the caller may not read
}

func (v *visit) getUser() error {
	name := v.r.PathValue(operations.User)
	if v.badName(name) != nil {
		return &failure{status: http.StatusNotFound, key: "noname"}
	}
	name, err := v.pseudonym(name)
	if err != nil {
		return err
	}
	filter, err := v.timelineFilter()
	if err != nil {
		return err
	}
	if err := v.recordRead(filter.in("/users/" + url.PathEscape(name))); err != nil {
		return err
	}
	b := &userBody{User: name, Hidden: v.hidden(userOperations)}
	for _, part := range []struct {
		operations []string
		add        func(*userBody) error
	}{
		{[]string{"lockout"}, v.addLockout},
		{[]string{"troubleshoot"}, v.addTroubles},
		{[]string{"devices", "codes"}, v.addMenus},
		{[]string{"devices"}, v.addDevices},
		{[]string{"codes"}, v.addCodes},
		{[]string{"sharings"}, v.addSharings},
		{[]string{"holds", "forgotten"}, v.addHolds},
		{[]string{"timeline"}, func(b *userBody) error { return v.addTimeline(b, filter) }},
	} {
		if !v.mayAll(part.operations) {
			continue
		}
		if err := part.add(b); err != nil {
			return err
		}
	}
	known, err := v.Queries.Newest(v.r.Context(), queries.Back{
		Entity: domain.UserEntity(name), AsOf: v.moment.seq(), Limit: 1, Scan: 1,
	})
	if err != nil {
		return err
	}
	b.IsUnknown = len(known.Records) == 0
	status := http.StatusOK
	if b.IsUnknown {
		status = http.StatusNotFound
	}
	v.write(status, "user", "user.title", b)
	return nil
}

// hidden returns the operations that the caller may not read.
func (v *visit) hidden(names []string) (all []string) {
	for _, name := range names {
		if !v.may(name) {
			all = append(all, name)
		}
	}
	return all
}

func (v *visit) mayAll(names []string) bool {
	for _, name := range names {
		if !v.may(name) {
			return false
		}
	}
	return true
}

// troubleRow is a case of the login support article.
type troubleRow struct {
	domain.Trouble
	Text string // for the user, in the language of the page
}

func (v *visit) addTroubles(b *userBody) error {
	found, err := v.Queries.Troubleshoot(v.r.Context(), b.User, v.moment.at, v.moment.seq())
	if err != nil {
		return err
	}
	b.Troubles = []troubleRow{}
	for _, c := range found.Cases {
		b.Troubles = append(b.Troubles, troubleRow{c, v.aloud(&c, b.Lockout)})
	}
	return nil
}

// aloud returns a case as a text that a support agent can read to the user.
func (v *visit) aloud(c *domain.Trouble, l *lockoutPart) string {
	until := ""
	if !c.Until.IsZero() {
		until = v.text.Instant(c.Until)
	}
	switch {
	case c.Case == 1 && l != nil && l.Locked && until == "":
		return v.text.T("aloud.1.held")
	case c.Case == 1 && l != nil && l.Locked:
		return v.text.T("aloud.1.locked", until)
	case c.Case == 1 && until != "":
		return v.text.T("aloud.1.waiting", until)
	case c.Case == 1 && l != nil:
		return v.text.T("aloud.1.failures", int64(l.Remaining))
	case c.Case == 1:
		return v.text.T("aloud.1")
	case c.Case == 2:
		return v.text.T("aloud.2")
	case c.Case == 3:
		return v.text.T("aloud.3")
	case c.Case == 4:
		return v.text.T("aloud.4", until)
	case c.Case == 5:
		return v.text.T("aloud.5")
	case c.Case == 6 && until != "":
		return v.text.T("aloud.6.restricted", until)
	case c.Case == 6:
		return v.text.T("aloud.6")
	case c.Case == 7:
		return v.text.T("aloud.7")
	case c.Case == 8 && until != "":
		return v.text.T("aloud.8.shipped", until)
	case c.Case == 8:
		return v.text.T("aloud.8")
	case c.Case == 9:
		return v.text.T("aloud.9", until)
	case c.Case == 10:
		return v.text.T("aloud.10")
	}
	return v.text.T("aloud.11")
}

// menuRow is the second factors that a login on one platform offers.
type menuRow struct {
	Platform string
	Factors  []domain.SecondFactor
}

// platformsShown have different menus (LOGIN-7, LOGIN-8): a restricted passcode is valid in
// the portal only.
var platformsShown = []string{domain.ClientPortal, domain.TWS}

func (v *visit) addMenus(b *userBody) error {
	for _, platform := range platformsShown {
		menu, err := v.Queries.SecondFactors(v.r.Context(), b.User, platform, "", v.moment.at, v.moment.seq())
		if err != nil {
			return err
		}
		b.Menus = append(b.Menus, menuRow{platform, menu})
	}
	return nil
}
