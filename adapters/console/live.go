package console

import (
	"context"
	"net/http"
	"strconv"
	"time"
)

// Bounds of a stream of a live page.
const (
	liveEvery = 2 * time.Second // minimum time between two events
	// time between two events without a new record, because lockouts end with time
	liveCheck = 15 * time.Second
	// limit of one write; the server closes the connection of a slower client
	liveWriteWithin = 10 * time.Second
)

// getLive sends the parts of the overview as server-sent events: one event after new
// records, and at the latest after liveCheck. Each event has the cost of a view of the page.
func (v *visit) getLive() error {
	if err := v.goOnAfter(v.r.Header.Get(lastEventID)); err != nil {
		return err
	}
	return v.stream("/live", v.waitForNews, v.liveEvent)
}

// lastEventID is the header with the id of the last event that a browser received before it connects.
const lastEventID = "Last-Event-ID"

// goOnAfter moves the position of the page back to the position in a text, so that a stream sends the
// records that were committed while the browser was not connected. The text is "" for a stream of new
// records only.
func (v *visit) goOnAfter(text string) error {
	if text == "" {
		return nil
	}
	last, err := strconv.ParseUint(text, 10, 63)
	if err != nil {
		return errBadFilter
	}
	v.moment.asOf.Seq = min(last, v.moment.asOf.Seq)
	return nil
}

// stream sends the events that next returns, as server-sent events. It calls wait before each call of
// next, and ends when wait reports false, when the session or its token ends, or when the node stops.
// One audit.read with the query covers the stream.
func (v *visit) stream(query string, wait func(context.Context) bool, next func() ([]byte, error)) error {
	release, ok := v.options.Shared.AcquireStream(v.caller)
	if !ok {
		return &failure{status: http.StatusTooManyRequests, key: "busy", retryAfter: time.Minute}
	}
	defer release()
	if err := v.recordRead(query); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(v.r.Context())
	defer cancel()
	defer context.AfterFunc(v.options.Shared.Draining(), cancel)()
	defer v.streams.Add(v.session, v.caller.Name, cancel)()
	if !v.isStillAuthorized() { // the session has ended before the stream was added
		return nil
	}
	out := http.NewResponseController(v.w)
	if err := out.SetReadDeadline(time.Time{}); err != nil { // a read deadline would end the stream
		return err
	}
	v.w.Header().Set("Content-Type", "text/event-stream")
	text := []byte(": the stream is open\n\n") // the browser gets the headers at once
	for {
		if err := out.SetWriteDeadline(time.Now().Add(liveWriteWithin)); err != nil {
			return nil
		}
		if _, err := v.w.Write(text); err != nil {
			return nil // the client disconnected or reads too slowly
		}
		if err := out.Flush(); err != nil {
			return nil
		}
		if !wait(ctx) || !v.isStillAuthorized() {
			return nil
		}
		var err error
		if text, err = next(); err != nil {
			return err
		}
	}
}

// tooFast is the comment in place of an event while the caller exceeds its rate.
var tooFast = []byte(": the caller exceeds its rate\n\n")

// pause waits for liveEvery. It reports false after the end of ctx.
func (v *visit) pause(ctx context.Context) bool {
	timer := time.NewTimer(v.liveEvery)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// waitForNews waits for liveEvery, then for a record after the moment of the page, at most for
// liveCheck. It reports false after the end of ctx.
func (v *visit) waitForNews(ctx context.Context) bool {
	if !v.pause(ctx) {
		return false
	}
	waiting, cancel := context.WithTimeout(ctx, v.liveCheck)
	defer cancel()
	_ = v.Rows.Wait(waiting, v.moment.asOf.Seq+1) // the time limit is not an error
	return ctx.Err() == nil
}

// liveEvent returns the next event, or a comment while the caller exceeds its rate.
func (v *visit) liveEvent() ([]byte, error) {
	if v.options.Shared.LimitCaller(v.caller, v.cost()) > 0 {
		return tooFast, nil
	}
	if err := v.findMoment(); err != nil {
		return nil, err
	}
	body, err := v.overview()
	if err != nil {
		return nil, err
	}
	return v.event("overview", "live", body)
}
