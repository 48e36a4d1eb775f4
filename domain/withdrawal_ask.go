package domain

const usDollars = "USD"

// WithdrawalRequest asks to take money out of an account (WD-1).
type WithdrawalRequest struct {
	Withdrawal, Account, User, Device, Code, Amount, Currency, USDAmount string
}

var (
	amountForm   = Form{Need: true, Wrong: atMost(amountBytesMax), Pattern: `^(0|[1-9][0-9]{0,17})(\.[0-9]{1,4})?$`} // judged after the name
	currencyForm = Form{Need: true, Pattern: `^[A-Z]{3}$`, Wrong: func(s string) string {
		if _, ok := minorDigits(s); !ok {
			return "want a currency of ISO 4217"
		}
		return ""
	}}
)

// amountBytesMax is 18 digits, a point and as many again.
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

// Check judges what no single member shows.
func (c *WithdrawalRequest) Check() *Rejection {
	switch {
	case c.Device == "" && c.Code == "":
		return &Rejection{MissingField, "device", "a device or a code authenticates the request"}
	case c.USDAmount == "" && c.Currency != usDollars:
		return &Rejection{MissingField, "usdAmount", "say what the amount is worth in USD"}
	case c.Device != "" && c.Code != "":
		return &Rejection{BadField, "code", "a device or a code authenticates the request, not both"}
	case c.USDAmount != "" && c.Currency == usDollars:
		return &Rejection{BadField, "usdAmount", "the amount is in USD already"}
	}
	return nil
}

// wrongAmount says why an amount is none, nil if both are fine (WD-1, A-33).
func (c *WithdrawalRequest) wrongAmount() *Rejection {
	digits, _ := minorDigits(c.Currency)
	minor, ok := minorUnits(c.Amount, digits)
	if !ok || minor <= 0 {
		return &Rejection{Amount, "amount", "want a number above 0 with at most the currency's decimals"}
	}
	member, text := "amount", c.Amount
	if c.Currency != usDollars {
		member, text = "usdAmount", c.USDAmount
	}
	if usd, ok := parseUSD(text); !ok || usd <= 0 || usd > USDMost {
		return &Rejection{Amount, member, "want more than 0 and at most 10^12 USD with at most two decimals"}
	}
	return nil
}

// usd is what the request is worth.
func (c *WithdrawalRequest) usd() USD {
	if c.Currency == usDollars {
		return mustUSD(c.Amount)
	}
	return mustUSD(c.USDAmount)
}
