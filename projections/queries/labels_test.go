package queries

import (
	"fmt"
	"testing"
	"time"

	"authledger/domain"
	"authledger/projections/logtest"
)

// openLabels opens a history in which alice shares her device gold with bob. alice and bob
// have the app of alice. Each of the commands withdraws or sets a label one minute later.
func openLabels(t *testing.T, commands ...domain.CommandData) *Queries {
	t.Helper()
	fingerprint := "0123456789abcdef0123456789abcdef"
	given := []domain.CommandData{
		&domain.IdentityRecord{User: "alice", Fingerprint: fingerprint},
		&domain.IdentityRecord{User: "bob", Fingerprint: fingerprint},
		&domain.DeviceActivate{User: "alice", Device: "gold", Class: domain.Gold, Method: domain.Portal},
		&domain.DeviceActivate{User: "alice", Device: "app", Class: domain.IBKRMobile, Method: domain.QR},
		&domain.CodeIssue{User: "bob", Code: "join", Kind: domain.ActivationSMS},
		&domain.DeviceAddUser{User: "bob", Owner: "alice", Device: "app", Code: "join"},
		&domain.SharingRequest{Sharing: "s", Requester: "bob", Owner: "alice", Device: "gold"},
	}
	h, at := newRefLog(), logtest.Epoch
	for i, data := range append(given, commands...) {
		if i >= len(given) {
			at = at.Add(time.Minute)
		}
		c := domain.Command{Source: "s", ID: fmt.Sprint(i), Time: at, Data: data}
		if d := h.Do(c); d.Status != domain.Accepted {
			t.Fatalf("command %d: got %+v, want it accepted", i, d)
		}
	}
	h.Commit()
	return openTest(t, h)
}

// shownLabels returns the labels by user and device, by sharing, and by withdrawal.
func shownLabels(t *testing.T, a querier) map[string]string {
	t.Helper()
	labels := map[string]string{}
	for _, user := range []string{"alice", "bob"} {
		for _, d := range a.devices(require{t}, user).Devices {
			labels[user+" "+d.ID] = d.Label
		}
		for _, s := range a.sharings(require{t}, user).Sharings {
			labels[user+" sharing "+s.ID] = s.Label
		}
	}
	for _, w := range a.withdrawals(require{t}, "U1").Withdrawals {
		labels[w.ID] = w.Label
	}
	return labels
}

// The lists show the label that the owner of the device set. The instant of a query affects
// only the labels of own devices in the list of devices (DEV-10, A-63).
func TestLabels(t *testing.T) {
	const past = 7 // the last record before the commands of a row
	rename := func(user, device, label string) domain.CommandData {
		return &domain.DeviceRename{User: user, Device: device, Label: label}
	}
	withdraw := func(id, user, device string) domain.CommandData {
		return &domain.WithdrawalRequest{
			Withdrawal: id, Account: "U1", User: user, Device: device, Amount: "1", Currency: "USD",
		}
	}
	end := logtest.Epoch.Add(time.Hour)
	labels := func(aliceGold, bobGold, aliceApp, bobApp, sharing string) map[string]string {
		return map[string]string{"alice gold": aliceGold, "bob gold": bobGold, "alice app": aliceApp,
			"bob app": bobApp, "alice sharing s": sharing, "bob sharing s": sharing}
	}
	with := func(all map[string]string, withdrawal, label string) map[string]string {
		all[withdrawal] = label
		return all
	}
	for _, test := range []struct {
		name  string
		given []domain.CommandData
		at    time.Time
		asOf  uint64 // 0: the end
		then  map[string]string
	}{
		{"no label", []domain.CommandData{withdraw("w", "bob", "gold")}, end, 0,
			with(labels("", "", "", "", ""), "w", "")},
		{"shared device", []domain.CommandData{withdraw("w", "bob", "gold"), rename("alice", "gold", "Card")},
			end, 0, with(labels("Card", "Card", "", "", "Card"), "w", "Card")},
		{"own device", []domain.CommandData{rename("alice", "gold", "Card"), withdraw("w", "alice", "gold")},
			end, 0, with(labels("Card", "Card", "", "", "Card"), "w", "Card")},
		{"app of the owner", []domain.CommandData{rename("alice", "app", "Phone"), withdraw("w", "bob", "app")},
			end, 0, with(labels("", "", "Phone", "", ""), "w", "")},
		{"app of the joiner", []domain.CommandData{rename("alice", "app", "Phone"), rename("bob", "app", "Mine"),
			withdraw("w", "bob", "app")}, end, 0, with(labels("", "", "Phone", "Mine", ""), "w", "Mine")},
		{"as of an earlier record", []domain.CommandData{rename("alice", "gold", "Card")}, end, past,
			labels("", "", "", "", "")},
		{"at an earlier instant", []domain.CommandData{rename("alice", "gold", "Card")}, logtest.Epoch, 0,
			labels("", "Card", "", "", "Card")},
		{"newest label", []domain.CommandData{rename("alice", "gold", "Card"), rename("alice", "gold", "Gold")},
			end, 0, labels("Gold", "Gold", "", "", "Gold")},
		{"lost device", []domain.CommandData{withdraw("w", "bob", "gold"), rename("alice", "gold", "Card"),
			&domain.DeviceDeactivate{User: "alice", Device: "gold", Reason: domain.Lost}}, end, 0,
			map[string]string{"alice gold": "Card", "alice app": "", "bob app": "", "alice sharing s": "Card",
				"bob sharing s": "Card", "w": "Card"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := querier{queries: openLabels(t, test.given...), at: test.at, limit: ListMax}
			if test.asOf > 0 {
				a.asOf = &test.asOf
			}
			require{t}.Same("labels", test.then, shownLabels(t, a))
		})
	}
}

// A user can own the same physical device that another user shared with this user before, and
// then share the device with the former owner. A withdrawal shows the label of the user who owned the
// device at the withdrawal (DEV-10, A-24).
func TestLabels_LaterOwner(t *testing.T) {
	q := openLabels(t,
		&domain.WithdrawalRequest{
			Withdrawal: "w", Account: "U1", User: "bob", Device: "gold", Amount: "1", Currency: "USD"},
		&domain.DeviceRename{User: "alice", Device: "gold", Label: "Alice's"},
		&domain.DeviceDeactivate{User: "alice", Device: "gold", Reason: domain.ByUser},
		&domain.DeviceActivate{User: "bob", Device: "gold", Class: domain.Gold, Method: domain.Portal},
		&domain.DeviceRename{User: "bob", Device: "gold", Label: "Bob's"},
		&domain.WithdrawalRequest{
			Withdrawal: "v", Account: "U1", User: "bob", Device: "gold", Amount: "1", Currency: "USD"},
		&domain.SharingRequest{Sharing: "back", Requester: "alice", Owner: "bob", Device: "gold"},
		&domain.WithdrawalRequest{
			Withdrawal: "u", Account: "U1", User: "alice", Device: "gold", Amount: "1", Currency: "USD"},
	)
	got := shownLabels(t, querier{queries: q, at: logtest.Epoch.Add(time.Hour), limit: ListMax})
	for what, want := range map[string]string{
		"w": "Alice's", "v": "Bob's", "u": "Bob's",
		"alice gold": "Alice's", "bob gold": "Bob's", "bob sharing s": "Alice's",
	} {
		if got[what] != want {
			t.Errorf("label of %s: got %q, want %q", what, got[what], want)
		}
	}
}
