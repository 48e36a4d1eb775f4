package console

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"authledger/domain"
	"authledger/domain/access"
)

// TestOverviewCountsActiveDevices checks that a count includes new devices, at the latest after
// devicesEvery, and that only roles with the right see it.
func TestOverviewCountsActiveDevices(t *testing.T) {
	c := newTestConsole(t, true)
	v := c.visitor(access.Dashboard)
	v.get("/").want(t, http.StatusOK, "No device is active.")
	c.populate() // one active card
	c.do(0, &domain.DeviceActivate{User: "bob", Device: "gold-1", Class: domain.Gold, Method: "portal"})
	c.do(0, &domain.DeviceDeactivate{User: "bob", Device: "gold-1", Reason: domain.ByUser})
	later := time.Now().Add(devicesEvery)
	c.now = func() time.Time { return later }
	v = c.visitor(access.Dashboard)
	v.get("/").want(t, http.StatusOK, "Active devices by class", `<td class="number">1</td>`)
	if page := v.get("/"); strings.Contains(page.body, ">Gold device<") {
		t.Errorf("overview: got a deactivated device, want active ones only: %s", page.body)
	}
	if page := c.visitor(access.Operator).get("/"); strings.Contains(page.body, "Active devices") {
		t.Errorf("overview of an operator: got the devices, want none: %s", page.body)
	}
	if page := v.get("/?asOf=3"); strings.Contains(page.body, "Active devices") {
		t.Errorf("overview of the past: got the devices of now, want none: %s", page.body)
	}
}

func TestActiveDevicesAreCountedAtMostOnceInAWhile(t *testing.T) {
	c := newTestConsole(t, true)
	now := time.Now()
	c.now = func() time.Time { return now }
	v := c.visitor(access.Dashboard)
	v.get("/").want(t, http.StatusOK, "No device is active.")
	c.do(0, &domain.DeviceActivate{User: "alice", Device: "card-1", Class: domain.Gold, Method: "portal"})
	v.get("/").want(t, http.StatusOK, "No device is active.")
}

func TestOverviewShowsFailingWebhooks(t *testing.T) {
	c := newTestConsole(t, true)
	c.failing.Store(2)
	c.visitor(access.Operator).get("/").want(t, http.StatusOK, "Failing webhooks",
		`<dd class="value bad"><a href="/work">2</a></dd><dd class="note">of 3 endpoints</dd>`)
	if page := c.visitor(access.Auditor).get("/"); strings.Contains(page.body, "Failing webhooks") {
		t.Errorf("overview of an auditor: got the webhooks, want none: %s", page.body)
	}
}
