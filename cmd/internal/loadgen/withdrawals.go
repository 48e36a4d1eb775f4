package loadgen

import (
	"strconv"
	"strings"
	"time"

	"authledger/domain"
)

// Amounts are in cents.
const dollar = 100

// dayLimit is the daily limit of each class by the built-in policy. A class without a
// limit has the largest amount that users request.
var dayLimit = [...]int64{
	app: 1_000_000 * dollar, codeCard: 200_000 * dollar, digitalCard: 1_000_000 * dollar,
	gold: 5_000_000 * dollar, platinum: 5_000_000 * dollar, digitalCardPlus: 5_000_000 * dollar,
}

const dayLimitByCode = 200_000 * dollar

// withdraws requests a withdrawal: mostly small amounts, and sometimes amounts near
// the limits on several days (WD-3, WD-4).
func withdraws(v visit) {
	v.succeed()
	v.pause(30*time.Second, 3*time.Minute)
	if _, _, most := v.authentication(); most == 0 {
		installsApp(v)
		return
	}
	switch n := v.day.chance.IntN(100); {
	case n < 70:
		v.withdraw(v.cents(50*dollar, 5_000*dollar), true)
	case n < 92:
		v.withdraw(v.cents(5_000*dollar, 60_000*dollar), true)
	default:
		v.approachesLimit()
	}
}

// approachesLimit requests large parts of the daily limit on several days.
func (v visit) approachesLimit() {
	large := func(v visit) {
		if _, _, most := v.authentication(); most > 0 {
			v.withdraw(v.cents(most*3/10, most), false)
		}
	}
	large(v)
	v.later(time.Hour, 5*time.Hour, large)
	for days := time.Duration(1); days < 5; days++ {
		v.later(days*dayLength, days*dayLength+3*time.Hour, large)
	}
}

// authentication returns the device or code that authenticates a withdrawal, and its daily
// limit. The limit is 0 if the user has neither.
func (v visit) authentication() (device, code string, most int64) {
	p := v.person()
	if h := p.pick(isUsable); h != nil {
		return v.day.id(h.number), "", dayLimit[h.class]
	}
	if n := max(p.passcode, p.card); n != 0 {
		return "", v.day.id(n), dayLimitByCode
	}
	return "", "", 0
}

func (v visit) cents(least, most int64) int64 { return least + v.day.chance.Int64N(most-least) }

// withdraw requests a withdrawal. If isCompleted is true, withdraw schedules the settlement or the
// cancellation of most withdrawals, sometimes in a way that the ledger refuses (WD-6).
func (v visit) withdraw(cents int64, isCompleted bool) {
	device, code, _ := v.authentication()
	n := v.day.number()
	request := domain.WithdrawalRequest{Withdrawal: v.day.id(n), Account: accountOf(v.i), User: v.user, Device: device, Code: code}
	m := &currencies[v.day.chance.IntN(len(currencies))]
	request.Currency, request.Amount, request.USDAmount = m.code, m.amount(cents), usd(cents)
	if m.code == "USD" {
		request.USDAmount = ""
	}
	v.send(&request)
	if v.chance(1) { // a client that received no response sends the same withdrawal as a new command
		again := request
		v.wait(time.Minute)
		v.send(&again)
	}
	if isCompleted {
		v.complete(request.Account, request.Withdrawal)
	}
}

func (v visit) complete(account, withdrawal string) {
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
	case n < 74: // cancelled after the settlement
		v.later(18*time.Hour, dayLength, settle)
		v.later(dayLength, 2*dayLength, cancel)
	case n < 76: // cancelled twice
		v.later(5*time.Minute, time.Hour, cancel)
		v.later(time.Hour, 3*time.Hour, cancel)
	}
}

// currency is a currency with a fictitious rate.
type currency struct {
	code    string
	percent int64 // number of the currency's smallest units that 100 US cents are worth
	digits  int   // decimal digits of the smallest unit
}

var currencies = [...]currency{
	{"USD", 100, 2}, {"USD", 100, 2}, {"USD", 100, 2}, {"USD", 100, 2}, {"USD", 100, 2}, {"USD", 100, 2}, {"USD", 100, 2},
	{"EUR", 90, 2}, {"GBP", 80, 2}, {"JPY", 150, 0}, {"KWD", 300, 3},
}

func usd(cents int64) string { return decimal(cents, 2) }

func (m *currency) amount(cents int64) string { return decimal(max(cents*m.percent/100, 1), m.digits) }

// decimal formats n smallest units with a number of decimal digits.
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
