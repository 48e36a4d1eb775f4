package projections

import (
	"context"
	"errors"
	"fmt"
)

// open opens the generation that counts, or begins one.
func (h *home) open() (*Engine, error) {
	name, err := h.readCurrent()
	switch {
	case err != nil:
		return h.beginAfterDamage("", err)
	case name == "":
		return h.begin()
	}
	e, other, err := h.existing(name)
	switch {
	case err != nil:
		return h.beginAfterDamage(name, err)
	case other != "":
		return h.beginAnew(other)
	}
	h.sweep()
	return e, nil
}

// existing opens a generation. If another build made its rows it returns no
// engine and says so in other.
func (h *home) existing(name string) (e *Engine, other string, err error) {
	h.setCurrent(name)
	if err := h.unharmed(name); err != nil {
		return nil, "", err
	}
	return openGeneration(h, name, false)
}

// fresh opens an empty generation that does not count yet.
func (h *home) fresh() (*Engine, error) {
	name, err := h.nextName()
	if err != nil {
		return nil, err
	}
	e, _, err := openGeneration(h, name, true)
	return e, err
}

// begin opens an empty generation that counts from now on.
func (h *home) begin() (*Engine, error) {
	e, err := h.fresh()
	if err != nil {
		return nil, err
	}
	if err := h.writeCurrent(e.generation); err != nil {
		return nil, errors.Join(err, e.Close())
	}
	h.sweep()
	return e, nil
}

// beginAnew begins because the rows there are were made by another build.
func (h *home) beginAnew(why string) (*Engine, error) {
	e, err := h.begin()
	if err != nil {
		return nil, err
	}
	e.rebuilding = why
	h.options.Log.Info("projections are built anew", "generation", e.generation, "reason", why)
	return e, nil
}

// beginAfterDamage begins because the generation there is can't be trusted.
func (h *home) beginAfterDamage(name string, why error) (*Engine, error) {
	h.options.Log.Error("projections are damaged: they are set aside and built anew", "generation", name, "error", why)
	if err := h.setAside(name, why.Error()); err != nil {
		return nil, err
	}
	e, err := h.begin()
	if err != nil {
		return nil, err
	}
	e.aside, e.rebuilding = damaged(why), why.Error()
	return e, nil
}

// OpenNext begins an empty generation beside e, for a rebuild while e answers.
// It starts at the zero position and does not count: closed before Switch, it is
// removed, and so it is if the process ends. Both engines must be closed.
func (e *Engine) OpenNext() (*Engine, error) {
	next, err := e.home.fresh()
	if err != nil {
		return nil, fmt.Errorf("begin the next generation beside %s: %w", e.generation, err)
	}
	return next, nil
}

// Switch makes e the generation that the next Open opens, in one step that a
// crash does not divide. The one that counted before goes on answering until it
// is closed, and is then removed. What e holds is on disk before the step.
func (e *Engine) Switch(ctx context.Context) error {
	if err := e.Flush(ctx); err != nil {
		return fmt.Errorf("switch to %s: %w", e.generation, err)
	}
	if err := e.home.writeCurrent(e.generation); err != nil {
		return fmt.Errorf("switch to %s: %w", e.generation, err)
	}
	return nil
}
