package domain

import (
	"strings"
	"testing"
)

func renameDevice(user, device, label string) step {
	return send(0, &DeviceRename{User: user, Device: device, Label: label})
}

func TestDeviceRename(t *testing.T) {
	app := hasDevice("alice", "app", IBKRMobile, 0)
	lost := deactivateDevice("alice", "app", Lost, 0)
	unknown := then{refused(UnknownDevice), &DeviceRefused{Reason: UnknownDevice}}
	hold(t, IBKRSLS(), []rule{
		{"DEV-10 active device", given{app},
			when{renameDevice("alice", "app", "Phone")}, then{accepted, &DeviceRenamed{}}},
		{"DEV-10 requested device", given{requestDevice("alice", "d", DigitalSecurityCardPlus, 0)},
			when{renameDevice("alice", "d", "Card")}, then{accepted, &DeviceRenamed{}}},
		{"DEV-10 lost device", given{app, lost},
			when{renameDevice("alice", "app", "Phone")}, then{accepted, &DeviceRenamed{}}},
		{"DEV-10 unknown device", given{app},
			when{renameDevice("alice", "other", "Phone")}, unknown},
		{"DEV-10 device of another user", given{hasDevice("bob", "gold", Gold, 0)},
			when{renameDevice("alice", "gold", "Card")}, unknown},
	})
}

// Later changes of the device keep the label.
func TestDeviceRename_LabelStays(t *testing.T) {
	l := newLedger(IBKRSLS())
	l.do(*hasDevice("alice", "app", IBKRMobile, 0)(l))
	l.do(*renameDevice("alice", "app", "Phone")(l))
	alice := l.users["alice"]
	if got := alice.Active(); len(got) != 1 || got[0].Label != "Phone" {
		t.Errorf("active devices: got %+v, want one with the label Phone", got)
	}
	for _, reason := range []string{ByUser, Lost} {
		l.do(*deactivateDevice("alice", "app", reason, 0)(l))
		if got := l.items[DeviceKey("alice", "app")].(*Device); got.Label != "Phone" {
			t.Errorf("label after deactivation as %s: got %q, want Phone", reason, got.Label)
		}
	}
	if left := len(l.users["alice"].Devices); left != 0 {
		t.Errorf("devices after the loss: got %d, want 0", left)
	}
}

func TestDeviceLabel(t *testing.T) {
	for label, valid := range map[string]bool{
		"Phone": true, "x": true, "Büro 📱": true, strings.Repeat("ä", 40): true,
		"": false, " Phone": false, "Phone ": false, "a\nb": false, strings.Repeat("x", 41): false,
	} {
		if wrong := labelForm.Wrong(label); (wrong == "") != valid {
			t.Errorf("label %q: got %q, want valid %v", label, wrong, valid)
		}
	}
}
