package domain

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"authledger/domain/calendar"
)

// daysKept is how many calendar days an account's sums reach back: more than
// five business days are in any calendar (WD-4, A-54).
const daysKept = 31

// Account is what the rules read of one account: the USD that were approved and
// not cancelled, by calendar day. The zero Account has no record.
type Account struct {
	Clock time.Time // last effective time
	Zone  string    // whose calendar days Days are
	Days  []DaySum  // the oldest first, none of them empty
}

// DaySum is what was approved on one day.
type DaySum struct {
	Day calendar.Date
	Sum Sum
}

// Members lists the state's members for its row.
func (a *Account) Members(v Visitor) {
	v.Instant("clock", &a.Clock, Free)
	v.Text("zone", &a.Zone, Free)
	v.List("days", items[DaySum, *DaySum]{&a.Days})
}

func (s *DaySum) Members(v Visitor) {
	day := int64(s.Day)
	v.Count("day", &day, Free)
	if read := calendar.Date(day); read != s.Day { // who writes a shared state only looks
		s.Day = read
	}
	v.Object("sum", &s.Sum, Free)
}

// since is the sum of what was approved on a day and after it.
func (a *Account) since(day calendar.Date) Sum {
	var sum Sum
	for i := len(a.Days) - 1; i >= 0 && a.Days[i].Day >= day; i-- {
		sum = sum.Add(a.Days[i].Sum)
	}
	return sum
}

// add counts an approval on a day, and forgets the days that no window reaches
// from there.
func (a *Account) add(day calendar.Date, usd USD) {
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

// free takes back what was approved on a day (WD-6).
func (a *Account) free(day calendar.Date, usd USD) {
	i, found := slices.BinarySearchFunc(a.Days, day, byDay)
	if !found { // no window reaches back so far
		return
	}
	a.Days = slices.Clone(a.Days)
	a.Days[i].Sum = a.Days[i].Sum.Minus(usd)
	if a.Days[i].Sum == (Sum{}) {
		a.Days = slices.Delete(a.Days, i, i+1)
	}
}

func byDay(s DaySum, day calendar.Date) int { return int(s.Day - day) }

// Recent finds an account's withdrawals: those approved at or after an instant,
// cancelled ones too, in any order.
type Recent interface {
	Withdrawals(account string, since time.Time) ([]*Withdrawal, error)
}

// In is the account with its sums by the days of p's zone: counted again from its
// withdrawals if they are by those of another.
func (a Account) In(s Recent, id string, p *Policy, now time.Time) (Account, error) {
	was := a.Zone
	a.Zone = p.Zone
	if was == "" || was == p.Zone {
		return a, nil
	}
	recent, err := s.Withdrawals(id, now.Add(-(daysKept+1)*24*time.Hour))
	if err != nil {
		return a, err
	}
	slices.SortFunc(recent, func(x, y *Withdrawal) int { return x.Time.Compare(y.Time) })
	a.Days = nil
	for _, w := range recent {
		if w.State != Cancelled {
			a.add(calendar.DateOf(w.Time, p.compiled.zone), w.USD)
		}
	}
	return a, nil
}

// parseSum reads what [Sum.String] wrote.
func parseSum(text string) (sum Sum, ok bool) {
	const low = len("123456789012345678") // the digits of Lo
	whole, cents, found := strings.Cut(text, ".")
	digits := whole + cents
	cut := max(len(digits)-low, 0)
	hi, errHi := strconv.ParseInt("0"+digits[:cut], 10, 64)
	lo, errLo := strconv.ParseInt("0"+digits[cut:], 10, 64)
	return Sum{Hi: hi, Lo: lo}, found && len(cents) == 2 && errHi == nil && errLo == nil
}
