package domain

import (
	"time"

	"authledger/domain/calendar"
)

// The states of a withdrawal besides Approved and Cancelled. A denied withdrawal is kept
// because its id must not be reused.
const (
	Denied  = "denied"
	Settled = "settled"
)

// Withdrawal is a withdrawal request and its state. Its id is never reused in the account,
// whether the request was approved or denied.
type Withdrawal struct {
	ID, User, Device, Code, Amount, Currency, USDAmount string // as requested
	State                                               string
	USD                                                 USD
	Time                                                time.Time // effective
	Seq                                                 uint64    // of the request's record
	Since                                               time.Time // start of the state
}

func (w *Withdrawal) item() {}

func (w *Withdrawal) Members(v Visitor) {
	v.Text("id", &w.ID, Need)
	v.Text("user", &w.User, Need)
	v.Text("device", &w.Device, Free)
	v.Text("code", &w.Code, Free)
	v.Text("amount", &w.Amount, Need)
	v.Text("currency", &w.Currency, Need)
	v.Text("usdAmount", &w.USDAmount, Free)
	v.Text("state", &w.State, Need)
	v.Count("usd", (*int64)(&w.USD), sumForm)
	v.Instant("time", &w.Time, Need)
	seq := int64(w.Seq)
	v.Count("seq", &seq, sumForm)
	if read := uint64(seq); read != w.Seq { // writing a row must not assign: other goroutines may read the state
		w.Seq = read
	}
	v.Instant("since", &w.Since, Need)
}

// Counts reports whether the withdrawal was approved at or after an instant. It is also true
// for a withdrawal that was settled or cancelled later.
func (w *Withdrawal) Counts(since time.Time) bool {
	return w.State != Denied && !w.Time.Before(since)
}

// WithdrawalKey returns the key of a withdrawal of an account.
func WithdrawalKey(account, id string) ItemKey {
	return ItemKey{Kind: WithdrawalItem, Owner: account, ID: id}
}

func (f *fold) withdrawal(account, id string) *Withdrawal {
	w, _ := f.item(WithdrawalKey(account, id)).(*Withdrawal)
	return w
}

// WithdrawalResult is the result of an authenticated withdrawal request (WD-7, A-31).
type WithdrawalResult struct {
	Limits     LimitResult
	Window     WindowResult
	FreesAt    time.Time // if a limit refused the request: the instant at which the limits allow it
	TryDevices []string  // if a limit refused the request: active devices whose limits allow it
}

func newWithdrawalResult() Data { return new(WithdrawalResult) }

func (r *WithdrawalResult) Members(v Visitor) {
	v.Object("limits", &r.Limits, Need)
	v.Object("window", &r.Window, Need)
	v.Instant("freesAt", &r.FreesAt, Free)
	v.Texts("tryDevices", &r.TryDevices)
}

func (c *WithdrawalRequest) decide(d *deciding) error {
	if err := d.addAccount(c.Account); err != nil {
		return err
	}
	if was := d.withdrawal(c.Account, c.Withdrawal); was != nil {
		d.answerRepeated(was, c)
		return nil
	}
	restated, err := d.restate(c.Account)
	if err != nil {
		return err
	}
	user, err := d.states.User(c.User)
	if err != nil {
		return err
	}
	user = user.At(d.Time) // the record of an account has no events of a user
	class, authentic := user.authenticates(c)
	switch {
	case user.Lock.Held:
		d.refuse(LockedOut, "the user is locked out", &WithdrawalDenied{Reason: LockedOut, Zone: d.policy.Zone, Restated: restated})
	case !authentic:
		d.refuse(DeviceNotActive, "the device is not active for the user now, or the code not full",
			&WithdrawalDenied{Reason: DeviceNotActive, Zone: d.policy.Zone, Restated: restated})
	default:
		c.judge(d, &user, class, restated)
	}
	return nil
}

// judge decides an authenticated request by the limits (WD-3, WD-4).
func (c *WithdrawalRequest) judge(d *deciding, user *User, class string, restated []DayUSD) {
	usd := c.USD()
	most := d.policy.limit(class)
	standing := d.policy.standing(&d.Account.After, d.Time)
	var freesAt time.Time
	var try []string
	switch reason := most.exceeded(&standing, usd); reason {
	case "":
		d.accept(&WithdrawalApproved{USD: usd.String(), Class: class, Day: standing.day.String(), Zone: d.policy.Zone, Restated: restated})
		standing = d.policy.standing(&d.Account.After, d.Time)
	default:
		freesAt = most.freesAt(d.policy, &d.Account.After, standing.day, usd)
		try = user.devicesFor(d.policy, &standing, usd, c.Device)
		d.refuse(reason, limitDetail[reason], &WithdrawalDenied{Reason: reason, Class: class, Zone: d.policy.Zone, Restated: restated})
	}
	limits := most.result(&standing)
	limits.DayUSD, limits.WindowUSD = standing.dayUSD.String(), standing.windowUSD.String()
	d.Result = &WithdrawalResult{Limits: limits, Window: standing.windowResult(), FreesAt: freesAt, TryDevices: try}
}

var limitDetail = map[Reason]string{
	DailyLimit:   "it would pass the limit per day",
	FiveDayLimit: "it would pass the limit per five business days",
}

// addAccount adds an account to the record.
func (d *deciding) addAccount(id string) error {
	e := AccountEntity(id)
	if err := d.open(e); err != nil {
		return err
	}
	d.addEntity(e, d.Account.After.Clock)
	return nil
}

// answerRepeated answers a request whose id exists. A repetition of the same request is a
// duplicate, and another request is invalid (WD-9, A-16).
func (d *deciding) answerRepeated(was *Withdrawal, c *WithdrawalRequest) {
	if was.User != c.User || was.Device != c.Device || was.Code != c.Code ||
		was.Amount != c.Amount || was.Currency != c.Currency || was.USDAmount != c.USDAmount {
		d.reject(IDReused, "withdrawal: the account has another withdrawal with this id: use another id")
		return
	}
	d.Decision = Decision{Policy: d.Policy, Duplicate: was.Seq}
}

// authenticates returns the class of the device or code in the request, and whether it
// authenticates the request: an active device, or a full code (WD-2).
func (u *User) authenticates(c *WithdrawalRequest) (class string, ok bool) {
	if c.Device != "" {
		return u.activeDevice(c.Device)
	}
	for i := range u.Codes {
		if code := &u.Codes[i]; code.ID == c.Code && code.temporary() {
			return code.Kind, code.State == Full
		}
	}
	return "", false
}

// devicesFor returns the active devices whose limits allow an amount, in order of activation
// (WD-7). It omits the device that the request used.
func (u *User) devicesFor(p *Policy, s *standing, usd USD, used string) []string {
	var ids []string
	for _, a := range u.Active() {
		if a.ID != used && p.limit(a.Class).exceeded(s, usd) == "" {
			ids = append(ids, a.ID)
		}
	}
	return ids
}

// WithdrawalApproved is the event that a withdrawal was approved. USD counts on Day, a day of
// the time zone Zone (WD-3). If the sums of the account were for the days of another zone,
// Restated holds the sums before the withdrawal for the days of Zone.
type WithdrawalApproved struct {
	USD, Class, Day, Zone string
	Restated              []DayUSD
}

// WithdrawalDenied is the event that a withdrawal was denied. It does not count towards the
// limits (WD-2). Class is set if a limit refused the request.
type WithdrawalDenied struct {
	Reason      Reason
	Class, Zone string
	Restated    []DayUSD
}

func (e *WithdrawalApproved) EventType() string { return "withdrawal.approved" }
func (e *WithdrawalApproved) Members(v Visitor) {
	v.Text("usd", &e.USD, Need)
	v.Text("class", &e.Class, Need)
	v.Text("day", &e.Day, Need)
	v.Text("zone", &e.Zone, Need)
	v.List("restated", items[DayUSD, *DayUSD]{&e.Restated})
}
func (e *WithdrawalApproved) causedBy(c CommandData) bool {
	_, ok := c.(*WithdrawalRequest)
	return ok && countable(e.Day, e.USD) && restatable(e.Restated)
}
func (e *WithdrawalApproved) evolve(a *Account, f *fold) {
	usd := mustUSD(e.USD)
	day, _ := calendar.Parse(e.Day)
	a.setRestated(e.Zone, e.Restated)
	a.Add(day, usd)
	f.request(Approved, usd)
}

func (e *WithdrawalDenied) EventType() string { return "withdrawal.denied" }
func (e *WithdrawalDenied) Members(v Visitor) {
	v.Text("reason", (*string)(&e.Reason), Need)
	v.Text("class", &e.Class, Free)
	v.Text("zone", &e.Zone, Need)
	v.List("restated", items[DayUSD, *DayUSD]{&e.Restated})
}
func (e *WithdrawalDenied) causedBy(c CommandData) bool {
	_, ok := c.(*WithdrawalRequest)
	return ok && restatable(e.Restated)
}
func (e *WithdrawalDenied) evolve(a *Account, f *fold) {
	a.setRestated(e.Zone, e.Restated)
	f.request(Denied, f.command.Data.(*WithdrawalRequest).USD())
}

// request adds the withdrawal of the command as an item.
func (f *fold) request(state string, usd USD) {
	c := f.command.Data.(*WithdrawalRequest)
	if state == Approved {
		f.countOpen(c.User, 1)
	}
	f.add(WithdrawalKey(c.Account, c.Withdrawal), &Withdrawal{
		ID: c.Withdrawal, User: c.User, Device: c.Device, Code: c.Code, Amount: c.Amount, Currency: c.Currency, USDAmount: c.USDAmount,
		State: state, USD: usd, Time: f.at, Seq: f.seq, Since: f.at,
	})
}
