package loadgen

import "math/rand/v2"

// gate is the origin of a command.
type gate struct {
	source, caller               string
	platform, version, userAgent string
	live                         bool // begins and finishes each attempt instead of reporting it (LOGIN-2)
}

var (
	portal     = gate{"gateway/portal", "portal", "client_portal", "", "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0", true}
	webTrader  = gate{"gateway/portal", "portal", "webtrader", "", "Mozilla/5.0 (Windows NT 10.0) Chrome/139.0", true}
	tws        = gate{"gateway/tws", "tws", "tws", "1037", "", true}
	tws965     = gate{"gateway/tws", "tws", "tws", "965", "", true} // an old build, which lists only the first device (LOGIN-7)
	appleApp   = gate{"gateway/mobile", "mobile", "ibkr_mobile_ios", "8.131", "", false}
	androidApp = gate{"gateway/mobile", "mobile", "ibkr_mobile_android", "8.130", "", false}

	supportDesk = gate{source: "support/desk", caller: "support"}
)

var (
	desktopGates = [...]gate{portal, portal, portal, portal, tws, tws, tws, tws, webTrader, tws965}
	mobileGates  = [...]gate{appleApp, androidApp, androidApp}
)

// gateOf returns the gate of a session. Each person has one desktop and one mobile gate.
func gateOf(person, mobilePercent int, chance *rand.Rand) gate {
	if chance.IntN(100) < mobilePercent {
		return mobileGates[person%len(mobileGates)]
	}
	return desktopGates[person%len(desktopGates)]
}
