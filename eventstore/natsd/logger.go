package natsd

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"syscall"
	"time"
)

// logger writes the log lines of the server to a slog.Logger. It keeps the first fatal line,
// because nats-server reports a failed start only in that line, and expects its logger to end
// the process. It is safe for concurrent use.
type logger struct {
	to *slog.Logger

	mu      sync.Mutex
	first   error     // the first fatal line
	short   error     // the first line that reports a shortage or a refused permission
	second  time.Time // start of the present second
	logged  int       // lines of this second that were written
	skipped int       // lines of this second that were not written
}

// linesMax is the maximum number of lines per second. Every rejected connection or request
// of a client causes a line.
const linesMax = 20

func newLogger(to *slog.Logger) *logger {
	if to == nil {
		to = slog.Default()
	}
	return &logger{to: to.With("from", "nats-server")}
}

func (l *logger) fatal() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.first
}

func (l *logger) Warnf(format string, v ...any)  { l.write(slog.LevelWarn, format, v) }
func (l *logger) Errorf(format string, v ...any) { l.write(slog.LevelError, format, v) }

// shortages are the system errors that do not mean damage of a file.
var shortages = []error{syscall.EACCES, syscall.EPERM, syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM, syscall.EIO, syscall.ENOSPC, syscall.EROFS, syscall.EINTR}

// note keeps a line that reports a shortage, because nats-server reports a stream that it
// did not recover only in its log.
func (l *logger) note(text string) {
	for _, short := range shortages {
		if strings.Contains(text, short.Error()) {
			l.mu.Lock()
			defer l.mu.Unlock()
			if l.short == nil {
				l.short = fmt.Errorf("the server reports %q: remove the cause, then start again; the files are as before", strings.TrimSpace(text))
			}
			return
		}
	}
}

func (l *logger) shortage() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.short
}

func (l *logger) write(level slog.Level, format string, v []any) {
	l.note(fmt.Sprintf(format, v...))
	skipped, ok := l.allow(time.Now())
	if skipped > 0 {
		l.to.Warn("log lines were skipped", "count", skipped)
	}
	if ok {
		l.to.Log(context.Background(), level, fmt.Sprintf(format, v...))
	}
}

// allow reports whether one more line may be written, and how many lines of the last second
// were skipped.
func (l *logger) allow(now time.Time) (skipped int, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Sub(l.second).Abs() >= time.Second {
		skipped, l.skipped = l.skipped, 0
		l.second, l.logged = now, 0
	}
	if l.logged >= linesMax {
		l.skipped++
		return skipped, false
	}
	l.logged++
	return skipped, true
}

func (l *logger) Fatalf(format string, v ...any) {
	text := fmt.Sprintf(format, v...)
	l.to.Error(text)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.first == nil {
		l.first = errors.New(text)
	}
}

// Noticef, Debugf and Tracef drop the lines that report normal operation.
func (l *logger) Noticef(string, ...any) {}
func (l *logger) Debugf(string, ...any)  {}
func (l *logger) Tracef(string, ...any)  {}
