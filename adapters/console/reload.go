package console

import (
	"net/url"
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

// isReload reports whether the page loaded itself again.
func (v *visit) isReload() bool { return v.r.URL.Query().Has(reloadField) }

// isByBrowser reports whether a browser sends the request by itself: a reload, a stream and its next
// connection, an asset of a page, or a page that the browser loads in advance. The person is not
// necessarily at the screen, so the request does not renew the idle time of the session.
func (v *visit) isByBrowser() bool {
	return v.route.isStream || v.route.path == assetPath || v.isReload() || v.r.Header.Get("Sec-Purpose") != ""
}

// refreshAfter returns the value of a header Refresh that loads the page again after a number of seconds.
func (v *visit) refreshAfter(seconds int) string {
	query := v.r.URL.Query()
	query.Set(reloadField, strconv.Itoa(seconds))
	return strconv.Itoa(seconds) + "; url=" + localPath(v.r.URL.EscapedPath()+"?"+query.Encode())
}

// refreshLater returns the value for the next reload, after twice the time of the last one.
func (v *visit) refreshLater() string {
	last, _ := strconv.Atoi(v.r.URL.Query().Get(reloadField)) // an invalid text counts as the first load
	return v.refreshAfter(min(max(2*min(last, reloadMax), reloadMin), reloadMax))
}

// here returns the URL of the page, without the parameter of a reload.
func (v *visit) here() string {
	if !v.isReload() {
		return v.r.URL.RequestURI()
	}
	query := v.r.URL.Query()
	query.Del(reloadField)
	return (&url.URL{Path: v.r.URL.Path, RawPath: v.r.URL.RawPath, RawQuery: query.Encode()}).String()
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
