package natsd

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// watch checks the permits of the connections and the health of the server every second,
// until the server closes.
func (s *Server) watch() {
	tick := time.NewTicker(recheckEvery)
	defer tick.Stop()
	for failed := 0; ; {
		select {
		case <-s.recheckNow:
			if s.hasNode {
				s.auth.recheck(s.nats)
			}
		case <-tick.C:
			if s.hasNode {
				s.auth.recheck(s.nats)
			}
			failed = s.examine(failed)
		case <-s.closed:
			return
		}
	}
}

// Recheck closes the connections of the keys whose permit has changed, without waiting for the
// next regular check. It does not block, and closes them after it has returned.
func (s *Server) Recheck() {
	select {
	case s.recheckNow <- struct{}{}:
	default: // a check is due already
	}
}

// failedMax is the number of failed health checks in a row after which the server counts as
// failed. One failed check is no proof, because a stream that is being created looks like a lost
// stream.
const failedMax = 3

// examine returns the number of failed health checks in a row. The server does not recover
// by itself: after a failed write a stream takes no message until the server starts again,
// also if the disk has space.
func (s *Server) examine(failed int) int {
	health := s.nats.Healthz(s.examined())
	if health.Error == "" {
		return 0
	}
	if failed++; failed >= failedMax {
		err := errors.New(health.Error)
		s.failure.CompareAndSwap(nil, &err)
		select {
		case s.failed <- err:
		default:
		}
	}
	return failed
}

// examined returns the scope of a health check. Without the node's account the server
// has only the account of the log, and reports the files of other accounts as lost.
func (s *Server) examined() *server.HealthzOptions {
	if s.hasNode {
		return nil
	}
	return &server.HealthzOptions{Account: LogAccount}
}

// Err returns the cause if the server stores no more messages, otherwise nil. It reads the
// result of the check that runs every second.
func (s *Server) Err() error {
	if err := s.failure.Load(); err != nil {
		return storesNothing(*err)
	}
	return nil
}

// Examine checks the server's health at once, and returns the cause of a failed write.
func (s *Server) Examine() error {
	if health := s.nats.Healthz(s.examined()); strings.Contains(health.Error, "write error") {
		return storesNothing(errors.New(health.Error))
	}
	return nil
}

func storesNothing(err error) error {
	return fmt.Errorf("the server of the log stores no more messages: %w: free space on the disk or replace it, then start again", err)
}

// Failed returns a channel that receives the cause if the server stores no more messages.
func (s *Server) Failed() <-chan error { return s.failed }
