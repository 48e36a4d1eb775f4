package queries

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"authledger/domain"
	"authledger/domain/calendar"
)

// stateAt folds the records of an entity up to the record asOf, one event at a time, without
// the events after the instant. It adopts the newest policy.
func (h *refLog) stateAt(entity domain.Entity, at time.Time, asOf uint64) *domain.Folded {
	folded := domain.NewFolded(domain.IBKRSLS())
	policy := domain.IBKRSLS()
	for _, r := range h.Records[:asOf] {
		if p := r.Adopted(); p != nil {
			policy = p
		}
		if !slices.Contains(r.Entities, entity) {
			continue
		}
		for _, e := range r.Events {
			if e.At.After(at) {
				continue
			}
			part := r
			part.Time, part.Events = e.At, []domain.Event{e}
			if _, err := folded.Take(&part); err != nil {
				panic(err) // a state in memory has no error
			}
		}
	}
	folded.Adopt(policy)
	return folded
}

// stateDueAt is stateAt for a user, after every deadline up to the instant. A command that
// changes nothing applies the deadlines.
func (h *refLog) stateDueAt(user string, at time.Time, asOf uint64) *domain.Folded {
	folded := h.stateAt(domain.UserEntity(user), at, asOf)
	u, _ := folded.User(user) // a state in memory has no error
	c := domain.Command{Time: at, Data: &domain.IdentityRecord{User: user, Fingerprint: u.Identity.Fingerprint}}
	d, err := domain.Decide(folded, &c)
	if err != nil {
		panic(err) // a state in memory has no error
	}
	r := domain.Record{Entities: d.Entities, Command: c, Time: d.Time, Status: d.Status, Events: d.Events}
	if _, err := folded.Take(&r); err != nil {
		panic(err) // a state in memory has no error
	}
	return folded
}

// itemsAt returns the ids of the items of a kind that accepted records of an entity named
// first, and these records. It reads only the commands.
func (h *refLog) itemsAt(kind domain.ItemKind, entity domain.Entity, at time.Time,
	asOf uint64) (ids []string, seqs []uint64) {
	for _, r := range h.Records[:asOf] {
		if !slices.Contains(r.Entities, entity) || r.Time.After(at) || r.Status != domain.Accepted {
			continue
		}
		if id := itemIn(kind, &r); id != "" && !slices.Contains(ids, id) {
			ids, seqs = append(ids, id), append(seqs, r.Seq)
		}
	}
	return ids, seqs
}

// itemIn returns the id of an item of a kind that an accepted command may name first, or "".
func itemIn(kind domain.ItemKind, r *domain.Record) string {
	switch c := r.Command.Data.(type) {
	case *domain.DeviceRequest:
		return ofKind(kind, domain.DeviceItem, c.Device)
	case *domain.DeviceActivate:
		return ofKind(kind, domain.DeviceItem, c.Device)
	case *domain.DeviceAddUser:
		return ofKind(kind, domain.DeviceItem, c.Device)
	case *domain.CodeIssue:
		return ofKind(kind, domain.CodeItem, c.Code)
	case *domain.SharingRequest:
		return ofKind(kind, domain.SharingItem, c.Sharing)
	case *domain.WithdrawalRequest:
		return ofKind(kind, domain.WithdrawalItem, c.Withdrawal)
	}
	return ""
}

func ofKind(asked, kind domain.ItemKind, id string) string {
	if asked == kind {
		return id
	}
	return ""
}

func (h *refLog) refCodes(user string, at time.Time, asOf uint64) (all []Code) {
	folded := h.stateDueAt(user, at, asOf)
	ids, seqs := h.itemsAt(domain.CodeItem, domain.UserEntity(user), at, asOf)
	for i, id := range ids {
		c := folded.Items(domain.CodeItem, user)[id].(*domain.Code)
		all = append(all, Code{c.ID, c.Kind, c.State, c.Issued, c.Until, seqs[i]})
	}
	return all
}

func (h *refLog) refSharings(user string, at time.Time, asOf uint64) (all []Sharing) {
	folded := h.stateDueAt(user, at, asOf)
	ids, seqs := h.itemsAt(domain.SharingItem, domain.UserEntity(user), at, asOf)
	for i, id := range ids {
		s := folded.Items(domain.SharingItem, "")[id].(*domain.Sharing)
		all = append(all, Sharing{s.ID, s.Requester, s.Owner, s.Device, s.Class, s.State, s.Since, seqs[i],
			h.refLabel(s.Owner, s.Device, asOf)})
	}
	return all
}

// refDevices lists the active devices, then the others.
func (h *refLog) refDevices(user string, at time.Time, asOf uint64) []Device {
	folded := h.stateDueAt(user, at, asOf)
	sharings := h.refSharings(user, at, asOf)
	ids, seqs := h.itemsAt(domain.DeviceItem, domain.UserEntity(user), at, asOf)
	turns := map[string]int64{}
	var active, others []Device
	for i, id := range ids {
		d := folded.Items(domain.DeviceItem, user)[id].(*domain.Device)
		listed := Device{ID: id, Class: d.Class, State: d.State, Since: d.Since, Due: d.Due, Label: d.Label}
		for _, s := range sharings {
			if s.Owner == user && s.Device == id && s.State == domain.Approved {
				listed.SharedWith = append(listed.SharedWith, s.Requester)
			}
		}
		if d.State == domain.Active {
			listed.Method, turns[id] = d.Method, d.Turn
			active = append(active, listed)
			continue
		}
		listed.Seq = seqs[i]
		others = append(others, listed)
	}
	u, _ := folded.User(user) // a state in memory has no error
	for _, s := range u.Shares {
		if s.Borrower && s.State == domain.Approved {
			turns[s.Device] = s.Turn
			active = append(active,
				Device{ID: s.Device, Class: s.Class, State: domain.Active, Since: s.Since, SharedFrom: s.Other,
					Label: h.refLabel(s.Other, s.Device, asOf)})
		}
	}
	slices.SortFunc(active, func(a, b Device) int { return cmp.Compare(turns[a.ID], turns[b.ID]) })
	return append(active, others...)
}

// refWithdrawals adds all withdrawals.
func (h *refLog) refWithdrawals(account string, at time.Time, asOf uint64) Withdrawals {
	folded := h.stateAt(domain.AccountEntity(account), at, asOf)
	policy := folded.Policy()
	zone, err := time.LoadLocation(policy.Zone)
	if err != nil {
		panic(err) // the form of the policy is checked
	}
	today := calendar.DateOf(at, zone)
	window := calendar.Named(policy.Calendar).Window(today)
	w := Withdrawals{Account: account, Part: Part{AsOf: h.asOf(asOf)}}
	w.Day, w.Window.From, w.From = today.String(), window[0].String(), window[0].Start(zone)
	for _, day := range window {
		w.Window.BusinessDays = append(w.Window.BusinessDays, day.String())
	}
	var dayCents, windowCents int64
	ids, seqs := h.itemsAt(domain.WithdrawalItem, domain.AccountEntity(account), at, asOf)
	for i, id := range ids {
		item := folded.Items(domain.WithdrawalItem, account)[id].(*domain.Withdrawal)
		day := calendar.DateOf(item.Time, zone)
		if day < window[0] {
			continue
		}
		w.Withdrawals = append(w.Withdrawals, Withdrawal{
			item.ID, item.State, WithdrawalRequest{item.Amount, item.Currency, dollars(int64(item.USD)), item.User,
				item.Device, item.Code, item.Time, seqs[i]}, h.refUsedLabel(item, seqs[i], asOf),
		})
		if item.State == domain.Cancelled {
			continue
		}
		windowCents += int64(item.USD)
		if day == today {
			dayCents += int64(item.USD)
		}
	}
	w.DayUSD, w.WindowUSD = dollars(dayCents), dollars(windowCents)
	w.Limits = refLimits(&policy.Limits, dayCents, windowCents)
	return w
}

// refLabel returns the label of the owner's newest accepted command.
func (h *refLog) refLabel(owner, device string, asOf uint64) (label string) {
	for _, r := range h.Records[:asOf] {
		c, ok := r.Command.Data.(*domain.DeviceRename)
		if ok && r.Status == domain.Accepted && c.User == owner && c.Device == device {
			label = c.Label
		}
	}
	return label
}

// refUsedLabel returns the label of the device of a withdrawal. The state of the user when the
// record seq approved the withdrawal contains the owner of a shared device.
func (h *refLog) refUsedLabel(w *domain.Withdrawal, seq, asOf uint64) string {
	renamed := slices.ContainsFunc(h.Records[:asOf], func(r domain.Record) bool {
		c, ok := r.Command.Data.(*domain.DeviceRename)
		return ok && c.Device == w.Device
	})
	if !renamed {
		return "" // most devices have no label, and the fold below is slow
	}
	user, _ := h.stateDueAt(w.User, w.Time, seq).User(w.User) // a state in memory has no error
	for _, d := range user.Active() {
		if d.ID == w.Device && d.From != "" {
			return h.refLabel(d.From, w.Device, asOf)
		}
	}
	return h.refLabel(w.User, w.Device, asOf)
}

func refLimits(l *domain.Limits, day, window int64) (all []domain.LimitResult) {
	for _, of := range []struct {
		class string
		limit domain.Limit
	}{
		{"security_code_card", l.SecurityCodeCard}, {"ibkr_mobile", l.IBKRMobile},
		{"digital_security_card", l.DigitalSecurityCard},
		{"digital_security_card_plus", l.DigitalSecurityCardPlus}, {"gold", l.Gold}, {"platinum", l.Platinum},
		{"temp_passcode", l.TempPasscode}, {"online_card", l.OnlineCard},
	} {
		r := domain.LimitResult{Class: of.class}
		if of.limit.PerDay != "" {
			most := cents(of.limit.PerDay)
			r.PerDay, r.DayRemaining = dollars(most), dollars(max(most-day, 0))
		}
		if of.limit.PerFiveDays != "" {
			most := cents(of.limit.PerFiveDays)
			r.PerFiveDays, r.WindowRemaining = dollars(most), dollars(max(most-window, 0))
		}
		all = append(all, r)
	}
	return all
}

func cents(usd string) int64 {
	whole, decimals, _ := strings.Cut(usd, ".")
	n, err := strconv.ParseInt(whole+(decimals + "00")[:2], 10, 64)
	if err != nil {
		panic(err) // the form of the policy is checked
	}
	return n
}

func dollars(cents int64) string { return fmt.Sprintf("%d.%02d", cents/100, cents%100) }
