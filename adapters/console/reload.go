package console

import (
	"strconv"

	"authledger/eventstore/audit"
)

// reloadField is the parameter of a page that loaded itself again. Its value is the time between the two
// loads in seconds.
const reloadField = "reload"

// Bounds of the time after which a browser loads a page again, in seconds. Each reload doubles the time.
const (
	reloadMin = 2
	reloadMax = 60
)

// isReload reports whether the page loaded itself again. The person was not necessarily at the screen, so
// the request does not renew the idle time of the session.
func (v *visit) isReload() bool { return v.r.URL.Query().Has(reloadField) }

// reloadLater makes the browser load the page with a path again.
func (v *visit) reloadLater(path string) {
	last, _ := strconv.Atoi(v.r.URL.Query().Get(reloadField)) // an invalid text counts as the first load
	next := strconv.Itoa(min(max(2*min(last, reloadMax), reloadMin), reloadMax))
	v.w.Header().Set("Refresh", next+"; url="+path+"?"+reloadField+"="+next)
}

// recordReadOf records the view of a page about a verification as recordRead does. A reload during the
// verification adds no record after an earlier view in the same session.
func (v *visit) recordReadOf(path string, about *audit.Verification) error {
	isRunning := about != nil && about.Result == audit.Running
	if isRunning && v.isReload() && v.sessions.HasViewed(v.session, about.Time) {
		return nil
	}
	if err := v.recordRead(path); err != nil || !isRunning {
		return err
	}
	v.sessions.View(v.session, about.Time)
	return nil
}
