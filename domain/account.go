package domain

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"authledger/domain/calendar"
)

// daysKept is the number of calendar days for which an account keeps sums. It is longer than
// five business days in every calendar (WD-4, A-54).
const daysKept = 31

// Account is the state of one account: the USD that were approved and not cancelled, by
// calendar day. The zero Account is the state of an account that no record names.
type Account struct {
	Clock time.Time // last effective time
	Zone  string    // the time zone of the days in Days
	Days  []DaySum  // oldest first, without zero sums
}

// DaySum is the sum of the approved withdrawals of one day.
type DaySum struct {
	Day calendar.Date
	Sum Sum
}

// Members lists the members that the row of the account stores.
func (a *Account) Members(v Visitor) {
	v.Instant("clock", &a.Clock, Free)
	v.Text("zone", &a.Zone, Free)
	v.List("days", items[DaySum, *DaySum]{&a.Days})
}

func (s *DaySum) Members(v Visitor) {
	day := int64(s.Day)
	v.Count("day", &day, Free)
	if read := calendar.Date(day); read != s.Day { // writing a row must not assign: other goroutines may read the state
		s.Day = read
	}
	v.Object("sum", &s.Sum, Free)
}

// since returns the sum of all days that are not before day.
func (a *Account) since(day calendar.Date) Sum {
	var sum Sum
	for i := len(a.Days) - 1; i >= 0 && a.Days[i].Day >= day; i-- {
		sum = sum.Add(a.Days[i].Sum)
	}
	return sum
}

// Add adds an approved amount to the sum of a day, and removes the days that are too old
// for a window that contains this day.
func (a *Account) Add(day calendar.Date, usd USD) {
	old := 0
	for old < len(a.Days) && a.Days[old].Day <= day-daysKept {
		old++
	}
	a.Days = slices.Clone(a.Days[old:])
	i, found := slices.BinarySearchFunc(a.Days, day, byDay)
	if !found {
		a.Days = slices.Insert(a.Days, i, DaySum{Day: day})
	}
	a.Days[i].Sum = a.Days[i].Sum.Plus(usd)
}

// free subtracts a cancelled withdrawal from the sum of a day (WD-6).
func (a *Account) free(day calendar.Date, usd USD) {
	i, found := slices.BinarySearchFunc(a.Days, day, byDay)
	if !found { // the day is older than any window
		return
	}
	a.Days = slices.Clone(a.Days)
	a.Days[i].Sum = a.Days[i].Sum.Minus(usd)
	if a.Days[i].Sum == (Sum{}) {
		a.Days = slices.Delete(a.Days, i, i+1)
	}
}

func byDay(s DaySum, day calendar.Date) int { return int(s.Day - day) }

// Location returns the time zone of the account's days, UTC if the account has none.
func (a *Account) Location() *time.Location { return location(a.Zone) }

// KeptSince returns the earliest time of the withdrawals that [Account.In] adds up at now.
func KeptSince(now time.Time) time.Time { return now.Add(-(daysKept + 1) * 24 * time.Hour) }

// Restated is an optional interface of a [Recent] that already has the daily sums of an account
// in the time zone of the policy. [Account.In] uses these sums and adds up no withdrawals.
type Restated interface {
	// Restated returns the daily sums of an account, oldest first, and nil if [Account.In] must
	// add up the withdrawals.
	Restated(account string) []DaySum
}

// Recent returns the withdrawals of an account.
type Recent interface {
	// Withdrawals returns the withdrawals that were approved at or after an instant,
	// including the cancelled ones, in any order.
	Withdrawals(account string, since time.Time) ([]*Withdrawal, error)
}

// In returns the account with its daily sums in the time zone of p. If the sums of the account
// are for the days of another zone, In computes them again from its withdrawals.
func (a Account) In(s Recent, id string, p *Policy, now time.Time) (Account, error) {
	was := a.Zone
	a.Zone = p.Zone
	if was == "" || was == p.Zone {
		return a, nil
	}
	if given, ok := s.(Restated); ok {
		if days := given.Restated(id); days != nil {
			a.Days = slices.Clone(days)
			return a, nil
		}
	}
	recent, err := s.Withdrawals(id, KeptSince(now))
	if err != nil {
		return a, err
	}
	slices.SortFunc(recent, func(x, y *Withdrawal) int { return x.Time.Compare(y.Time) })
	a.Days = nil
	for _, w := range recent {
		if w.State != Cancelled {
			a.Add(calendar.DateOf(w.Time, p.compiled.zone), w.USD)
		}
	}
	return a, nil
}

// ParseSum parses the text that [Sum.String] returns. It reports whether the text is valid.
func ParseSum(text string) (sum Sum, ok bool) {
	const low = len("123456789012345678") // the digits of Lo
	whole, cents, found := strings.Cut(text, ".")
	digits := whole + cents
	cut := max(len(digits)-low, 0)
	hi, errHi := strconv.ParseInt("0"+digits[:cut], 10, 64)
	lo, errLo := strconv.ParseInt("0"+digits[cut:], 10, 64)
	return Sum{Hi: hi, Lo: lo}, found && len(cents) == 2 && errHi == nil && errLo == nil
}
