package domain

const usDollars = "USD"

// WithdrawalRequest requests a withdrawal from an account (WD-1).
type WithdrawalRequest struct {
	Withdrawal, Account, User, Device, Code, Amount, Currency, USDAmount string
}

var (
	amountForm   = Form{Need: true, Wrong: atMost(amountBytesMax), Pattern: `^(0|[1-9][0-9]{0,17})(\.[0-9]{1,4})?$`} // checked after the name
	currencyForm = Form{Need: true, Pattern: `^[A-Z]{3}$`, Wrong: func(s string) string {
		if _, ok := amountDigits(s); !ok {
			return "want a currency of ISO 4217"
		}
		return ""
	}}
)

// amountBytesMax admits 18 digits, a point and 18 decimals, so that wrongAmount and not the form
// rejects an amount with too many decimals.
const amountBytesMax = 37

func (c *WithdrawalRequest) CommandType() string { return "withdrawal.request" }
func (c *WithdrawalRequest) names() [2]name      { return oneName(c.User) }
func (c *WithdrawalRequest) Members(v Visitor) {
	v.Text("withdrawal", &c.Withdrawal, idForm)
	v.Text("account", &c.Account, idForm)
	v.Text("user", &c.User, nameForm)
	v.Text("device", &c.Device, idForm.optional())
	v.Text("code", &c.Code, idForm.optional())
	v.Text("amount", &c.Amount, amountForm)
	v.Text("currency", &c.Currency, currencyForm)
	v.Text("usdAmount", &c.USDAmount, amountForm.optional())
}

// Check checks the members against each other.
func (c *WithdrawalRequest) Check() *Rejection {
	switch {
	case c.Device == "" && c.Code == "":
		return &Rejection{MissingField, "device", "a device or a code authenticates the request"}
	case c.USDAmount == "" && c.Currency != usDollars:
		return &Rejection{MissingField, "usdAmount", "a currency other than USD needs the value in USD"}
	case c.Device != "" && c.Code != "":
		return &Rejection{BadField, "code", "the request has both a device and a code: remove one"}
	case c.USDAmount != "" && c.Currency == usDollars:
		return &Rejection{BadField, "usdAmount", "the amount is in USD already"}
	}
	return nil
}

// wrongAmount returns the rejection of the first invalid amount, nil if both amounts are valid
// (WD-1, A-33).
func (c *WithdrawalRequest) wrongAmount() *Rejection {
	digits, _ := amountDigits(c.Currency)
	minor, ok := minorUnits(c.Amount, digits)
	if !ok || minor <= 0 {
		return &Rejection{Amount, "amount", "want a number above 0 with at most the currency's decimals"}
	}
	member, text := "amount", c.Amount
	if c.Currency != usDollars {
		member, text = "usdAmount", c.USDAmount
	}
	if usd, ok := ParseUSD(text); !ok || usd <= 0 || usd > USDMost {
		return &Rejection{Amount, member, "want more than 0 and at most 10^12 USD with at most two decimals"}
	}
	return nil
}

// USD returns the amount of the request in dollars: Amount if the currency is USD, else
// USDAmount. It returns 0 for an invalid amount, see [Command.Validate].
func (c *WithdrawalRequest) USD() USD {
	if c.Currency == usDollars {
		return mustUSD(c.Amount)
	}
	return mustUSD(c.USDAmount)
}
