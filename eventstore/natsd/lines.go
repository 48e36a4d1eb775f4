package natsd

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
)

// lines passes the server's log on. It keeps the first fatal line, because
// nats-server reports a start that went wrong nowhere else and expects its
// logger to end the process, which is not a library's to do.
type lines struct {
	to *slog.Logger

	mu    sync.Mutex
	first error
}

func newLines(to *slog.Logger) *lines {
	if to == nil {
		to = slog.Default()
	}
	return &lines{to: to.With("from", "nats-server")}
}

func (l *lines) fatal() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.first
}

func (l *lines) Warnf(format string, v ...any)  { l.to.Warn(fmt.Sprintf(format, v...)) }
func (l *lines) Errorf(format string, v ...any) { l.to.Error(fmt.Sprintf(format, v...)) }

func (l *lines) Fatalf(format string, v ...any) {
	text := fmt.Sprintf(format, v...)
	l.to.Error(text)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.first == nil {
		l.first = errors.New(text)
	}
}

// The server speaks at every start and connection; only trouble is passed on.
func (l *lines) Noticef(string, ...any) {}
func (l *lines) Debugf(string, ...any)  {}
func (l *lines) Tracef(string, ...any)  {}
