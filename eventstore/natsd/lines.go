package natsd

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// lines passes the server's log on. It keeps the first fatal line, because
// nats-server reports a start that went wrong nowhere else and expects its
// logger to end the process, which is not a library's to do.
type lines struct {
	to *slog.Logger

	mu      sync.Mutex
	first   error
	second  time.Time // in which these were told
	told    int
	skipped int // lines that are not told
}

// linesMax bounds how many lines are told of a second: strangers and callers bring about
// one by each thing that they may not.
const linesMax = 20

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

func (l *lines) Warnf(format string, v ...any)  { l.tell(slog.LevelWarn, format, v) }
func (l *lines) Errorf(format string, v ...any) { l.tell(slog.LevelError, format, v) }

func (l *lines) tell(level slog.Level, format string, v []any) {
	skipped, ok := l.room(time.Now())
	if skipped > 0 {
		l.to.Warn("lines were not told", "count", skipped)
	}
	if ok {
		l.to.Log(context.Background(), level, fmt.Sprintf(format, v...))
	}
}

// room reports whether one more line may be told, and how many were not before it.
func (l *lines) room(now time.Time) (skipped int, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Sub(l.second).Abs() >= time.Second {
		skipped, l.skipped = l.skipped, 0
		l.second, l.told = now, 0
	}
	if l.told >= linesMax {
		l.skipped++
		return skipped, false
	}
	l.told++
	return skipped, true
}

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
