package natsd

import (
	"errors"
	"time"
)

// watch looks every second who is in, and how the server does, until it closes.
func (s *Server) watch() {
	tick := time.NewTicker(recheckEvery)
	defer tick.Stop()
	for ill := 0; ; {
		select {
		case <-tick.C:
			s.door.recheck(s.nats)
			ill = s.examine(ill)
		case <-s.closed:
			return
		}
	}
}

// illMax is after how many looks in a row the server has failed: a stream that is just
// being made looks like one that is lost.
const illMax = 3

// examine counts the looks in a row at which the server was ill. It does not get well by
// itself: after a write that failed a stream takes nothing until the server starts
// again, also once there is space.
func (s *Server) examine(ill int) int {
	health := s.nats.Healthz(nil)
	if health.Error == "" {
		return 0
	}
	if ill++; ill >= illMax {
		select {
		case s.failed <- errors.New(health.Error):
		default:
		}
	}
	return ill
}

// Failed tells why the server keeps nothing any more, if it comes to that.
func (s *Server) Failed() <-chan error { return s.failed }
