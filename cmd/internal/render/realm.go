package render

import "time"

// The pages of lists of the realm.

type allUsers struct {
	listed
	Items []struct {
		User       string    `json:"user"`
		Locked     bool      `json:"locked"`
		Until      time.Time `json:"until"`
		Devices    int       `json:"devices"`
		LastActive time.Time `json:"lastActive"`
		Seq        uint64    `json:"seq"`
	} `json:"items"`
}

type allDevices struct {
	listed
	Items []struct {
		User string `json:"user"`
		device
	} `json:"items"`
}

type allCodes struct {
	listed
	Items []struct {
		User string `json:"user"`
		code
	} `json:"items"`
}

type allSharings struct {
	listed
	Items []sharing `json:"items"`
}

type allWithdrawals struct {
	listed
	Items []struct {
		Account string `json:"account"`
		withdrawal
		Class string `json:"class"`
		Day   string `json:"day"`
	} `json:"items"`
}

// personCase holds the members of an act on the personal data of a user.
type personCase struct {
	User    string `json:"user"`
	Case    string `json:"case"`
	By      string `json:"by"`
	Purpose string `json:"purpose"`
	Seq     uint64 `json:"seq"`
}

type allHolds struct {
	listed
	Items []struct {
		personCase
		Since time.Time `json:"since"`
	} `json:"items"`
}

type allForgotten struct {
	listed
	Items []struct {
		personCase
		At time.Time `json:"at"`
	} `json:"items"`
}

func (p Printer) showHolds(l *allHolds) error {
	t := NewTable("user", "case", "by", "purpose", "since", "seq").Dropping("purpose", "seq", "since")
	for _, x := range l.Items {
		t.AppendRow(Row{x.User, x.Case, x.By, x.Purpose, Time(x.Since), x.Seq})
	}
	return p.writeList(t, Count(len(l.Items), "hold", "holds"), &l.listed)
}

func (p Printer) showForgotten(l *allForgotten) error {
	t := NewTable("user", "case", "by", "purpose", "erased", "seq").Dropping("purpose", "seq", "erased")
	for _, x := range l.Items {
		t.AppendRow(Row{x.User, x.Case, x.By, x.Purpose, Time(x.At), x.Seq})
	}
	return p.writeList(t, Count(len(l.Items), "erasure", "erasures"), &l.listed)
}

func (p Printer) showUsers(l *allUsers) error {
	t := NewTable("user", "locked", "until", "devices", "last active", "seq").
		Dropping("seq", "last active", "until")
	for _, x := range l.Items {
		t.AppendRow(Row{x.User, lockedCell(x.Locked), Time(x.Until), x.Devices, Time(x.LastActive), x.Seq})
	}
	return p.writeList(t, Count(len(l.Items), "user", "users"), &l.listed)
}

func (p Printer) showAllDevices(l *allDevices) error {
	t := NewTable("user", "device", "label", "class", "state", "since", "method", "seq").
		Dropping("label", "method", "seq", "since")
	for _, x := range l.Items {
		t.AppendRow(Row{x.User, x.Device, x.Label, x.Class, State(x.State), Time(x.Since), x.Method, x.Seq})
	}
	return p.writeList(t, Count(len(l.Items), "device", "devices"), &l.listed)
}

func (p Printer) showAllCodes(l *allCodes) error {
	t := NewTable("user", "code", "kind", "state", "issued", "until", "seq").
		Dropping("seq", "issued")
	for _, x := range l.Items {
		t.AppendRow(Row{x.User, x.Code, x.Kind, State(x.State), Time(x.Issued), Time(x.Until), x.Seq})
	}
	return p.writeList(t, Count(len(l.Items), "code", "codes"), &l.listed)
}

func (p Printer) showAllSharings(l *allSharings) error {
	return p.writeSharings(l.Items, &l.listed)
}

func (p Printer) showAllWithdrawals(l *allWithdrawals) error {
	t := NewTable("account", "withdrawal", "state", "class", "day", "amount", "usd", "user", "by", "time", "seq").
		Dropping("seq", "amount", "by", "day", "class", "time")
	for _, x := range l.Items {
		t.AppendRow(Row{
			x.Account, x.Withdrawal, State(x.State), x.Class, x.Day, Money(x.Amount, x.Currency), Money(x.USD, "USD"), x.User, x.Device + x.Code, Time(x.Time), x.Seq,
		})
	}
	return p.writeList(t, Count(len(l.Items), "withdrawal", "withdrawals"), &l.listed)
}
