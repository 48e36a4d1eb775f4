package client

import (
	"context"

	"authledger/domain"
)

// Login is an attempt. The zero Login lets nobody in.
type Login struct {
	Verdict Verdict
	Result  LoginResult

	client        *Client
	user, attempt string
}

// Allowed reports whether the password may be looked at now (LOGIN-2).
func (l *Login) Allowed() bool { return l.Verdict.Accepted() }

// BeginLogin reserves an attempt before the password is looked at: then no number
// of guesses at once gets past the limit (LOCK-6). The attempt's id is the
// gateway's, and new for each attempt. Whoever gets an error lets nobody in.
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

// Succeeded reports that the password was right, and with which second factor. Only
// when the verdict of that is accepted the person is in.
func (l *Login) Succeeded(ctx context.Context, device, code string) (Verdict, LoginResult, error) {
	return l.finish(ctx, &domain.LoginFinish{Outcome: domain.Succeeded, Device: device, Code: code})
}

// Failed reports that it was not, and why (LOGIN-3), such as bad_credentials. The
// context must outlive the request of who guesses ([context.WithoutCancel]): whoever
// hung up in time would not be counted.
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
