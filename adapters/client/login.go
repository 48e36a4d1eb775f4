package client

import (
	"context"

	"authledger/domain"
)

// Login is a login attempt. The zero Login permits nothing.
type Login struct {
	Verdict Verdict
	Result  LoginResult

	client        *Client
	user, attempt string
}

// Allowed reports whether the gateway may check the password now (LOGIN-2).
func (l *Login) Allowed() bool { return l.Verdict.Accepted() }

// BeginLogin reserves an attempt before the gateway checks the password, so that parallel
// guesses can't exceed the limit (LOCK-6). The gateway chooses a new id for each attempt.
// After an error the gateway must deny the login.
func (c *Client) BeginLogin(ctx context.Context, b domain.LoginBegin) (*Login, error) {
	if b.Platform == "" {
		b.Platform = "client_portal"
	}
	l := &Login{client: c, user: b.User, attempt: b.Attempt}
	var err error
	if l.Verdict, l.Result, err = c.login(ctx, "begin:"+b.Attempt, &b); err != nil {
		return &Login{}, err
	}
	return l, nil
}

// Succeeded reports that the password and the second factor were correct. The gateway may
// log the person in only if the verdict is accepted.
func (l *Login) Succeeded(ctx context.Context, device, code string) (Verdict, LoginResult, error) {
	return l.finish(ctx, &domain.LoginFinish{Outcome: domain.Succeeded, Device: device, Code: code})
}

// Failed reports that the login failed, with the reason (LOGIN-3), such as
// bad_credentials. The context must not end with the HTTP request of the person
// who logs in (see [context.WithoutCancel]). Otherwise an attacker could disconnect early, and the
// failure would not be counted.
func (l *Login) Failed(ctx context.Context, reason string) (Verdict, LoginResult, error) {
	return l.finish(ctx, &domain.LoginFinish{Outcome: domain.Failed, Reason: reason})
}

func (l *Login) finish(ctx context.Context, f *domain.LoginFinish) (Verdict, LoginResult, error) {
	if !l.Allowed() {
		return Verdict{}, LoginResult{}, errNotBegun
	}
	f.User, f.Attempt = l.user, l.attempt
	return l.client.login(ctx, "finish:"+l.attempt, f)
}

func (c *Client) login(ctx context.Context, id string, data domain.CommandData) (Verdict, LoginResult, error) {
	v, err := c.Do(ctx, id, data)
	if err != nil {
		return Verdict{}, LoginResult{}, err
	}
	var result LoginResult
	if err := v.result(&result); err != nil {
		return Verdict{}, LoginResult{}, err
	}
	return v, result, nil
}
