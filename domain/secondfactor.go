package domain

// The platforms to which a rule gives special treatment (LOGIN-7, LOGIN-8).
const (
	ClientPortal = "client_portal"
	TWS          = "tws"
)

// twsMenu is the first build of TWS that can show more than one device (LOGIN-7).
const twsMenu = 966

// SecondFactor is a device or code that the user can choose at login.
type SecondFactor struct{ Device, Class, Code, Kind, Label string }

func (s *SecondFactor) Members(v Visitor) {
	v.Text("device", &s.Device, Free)
	v.Text("class", &s.Class, Free)
	v.Text("code", &s.Code, Free)
	v.Text("kind", &s.Kind, Free)
	v.Text("label", &s.Label, Free)
}

// SecondFactors returns the second factors of a login: the active devices in order of
// activation, then the passcode, if it is valid on the platform, and the card (LOGIN-7,
// LOGIN-8, A-36).
func (u *User) SecondFactors(platform, clientVersion string) []SecondFactor {
	var menu []SecondFactor
	for _, a := range u.Active() {
		menu = append(menu, SecondFactor{Device: a.ID, Class: a.Class, Label: a.Label})
	}
	if len(menu) > 1 && platform == TWS && oldTWS(clientVersion) {
		menu = menu[:1]
	}
	for _, kind := range []string{TempPasscode, OnlineCard} {
		if c := u.liveCode(kind); c != nil && (c.State == Full || platform == ClientPortal) {
			menu = append(menu, SecondFactor{Code: c.ID, Kind: c.Kind})
		}
	}
	return menu
}

// oldTWS reports whether the leading digits of version are a build before twsMenu. A version
// without leading digits is not old.
func oldTWS(version string) bool {
	build, digits := 0, 0
	for digits < len(version) && '0' <= version[digits] && version[digits] <= '9' && build < twsMenu {
		build = 10*build + int(version[digits]-'0')
		digits++
	}
	return digits > 0 && build < twsMenu
}
