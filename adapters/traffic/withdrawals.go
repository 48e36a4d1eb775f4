package traffic

import (
	"strconv"
	"strings"
	"time"

	"authledger/domain"
)

// Amounts are in cents here.
const dollar = 100

// perDay is the built-in policy's limit of a class; a class without one goes up
// to what people ask for.
var perDay = [...]int64{
	app: 1_000_000 * dollar, codeCard: 200_000 * dollar, digitalCard: 1_000_000 * dollar,
	gold: 5_000_000 * dollar, platinum: 5_000_000 * dollar, digitalCardPlus: 5_000_000 * dollar,
}

const perDayByCode = 200_000 * dollar

// withdraws takes money out: mostly little, and now and then as much as the
// limits let, on several days (WD-3, WD-4).
func withdraws(v visit) {
	v.succeed()
	v.pause(30*time.Second, 3*time.Minute)
	if _, _, most := v.means(); most == 0 {
		installsApp(v)
		return
	}
	switch n := v.day.chance.IntN(100); {
	case n < 70:
		v.withdraw(v.cents(50*dollar, 5_000*dollar), true)
	case n < 92:
		v.withdraw(v.cents(5_000*dollar, 60_000*dollar), true)
	default:
		v.pushes()
	}
}

// pushes asks for large parts of the day's limit, again and again.
func (v visit) pushes() {
	large := func(v visit) {
		if _, _, most := v.means(); most > 0 {
			v.withdraw(v.cents(most*3/10, most), false)
		}
	}
	large(v)
	v.later(time.Hour, 5*time.Hour, large)
	for days := time.Duration(1); days < 5; days++ {
		v.later(days*dayLength, days*dayLength+3*time.Hour, large)
	}
}

// means is what authenticates a withdrawal, and about how much of it.
func (v visit) means() (device, code string, most int64) {
	p := v.person()
	if h := p.pick(usable); h != nil {
		return v.day.id(h.number), "", perDay[h.class]
	}
	if n := max(p.passcode, p.card); n != 0 {
		return "", v.day.id(n), perDayByCode
	}
	return "", "", 0
}

func (v visit) cents(least, most int64) int64 { return least + v.day.chance.Int64N(most-least) }

// withdraw asks for an amount. What is followed goes on: it is settled, or
// cancelled before, and some get that wrong (WD-6).
func (v visit) withdraw(cents int64, followed bool) {
	device, code, _ := v.means()
	n := v.day.number()
	request := domain.WithdrawalRequest{Withdrawal: v.day.id(n), Account: accountOf(v.i), User: v.user, Device: device, Code: code}
	m := &moneys[v.day.chance.IntN(len(moneys))]
	request.Currency, request.Amount, request.USDAmount = m.code, m.amount(cents), usd(cents)
	if m.code == "USD" {
		request.USDAmount = ""
	}
	v.send(&request)
	if v.chance(1) { // heard nothing, and asks again by another id
		again := request
		v.wait(time.Minute)
		v.send(&again)
	}
	if followed {
		v.follow(request.Account, request.Withdrawal)
	}
}

func (v visit) follow(account, withdrawal string) {
	settle := func(v visit) {
		v.at(backOffice).send(&domain.WithdrawalSettle{Withdrawal: withdrawal, Account: account})
	}
	cancel := func(v visit) {
		v.send(&domain.WithdrawalCancel{Withdrawal: withdrawal, Account: account, By: v.user})
	}
	switch n := v.day.chance.IntN(100); {
	case n < 60:
		v.later(18*time.Hour, 3*dayLength, settle)
	case n < 72:
		v.later(5*time.Minute, 3*time.Hour, cancel)
	case n < 74: // too late
		v.later(18*time.Hour, dayLength, settle)
		v.later(dayLength, 2*dayLength, cancel)
	case n < 76: // twice
		v.later(5*time.Minute, time.Hour, cancel)
		v.later(time.Hour, 3*time.Hour, cancel)
	}
}

// money is a currency with made-up rates.
type money struct {
	code    string
	percent int64 // of its smallest unit to a cent
	digits  int
}

var moneys = [...]money{
	{"USD", 100, 2}, {"USD", 100, 2}, {"USD", 100, 2}, {"USD", 100, 2}, {"USD", 100, 2}, {"USD", 100, 2}, {"USD", 100, 2},
	{"EUR", 90, 2}, {"GBP", 80, 2}, {"JPY", 150, 0}, {"KWD", 300, 3},
}

func usd(cents int64) string { return decimal(cents, 2) }

func (m *money) amount(cents int64) string { return decimal(max(cents*m.percent/100, 1), m.digits) }

// decimal writes n smallest units, so many to the whole.
func decimal(n int64, digits int) string {
	s := strconv.FormatInt(n, 10)
	if digits == 0 {
		return s
	}
	if len(s) <= digits {
		s = strings.Repeat("0", digits+1-len(s)) + s
	}
	return s[:len(s)-digits] + "." + s[len(s)-digits:]
}
