package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"authledger/adapters/client"
	"authledger/adapters/httpapi"
	"authledger/cmd/internal/node"
	"authledger/domain"
	"authledger/domain/operations"
	"authledger/eventstore/wire"
	"authledger/projections"
)

// query returns the answer to a query as JSON. The answer has the same bytes, whether this
// process opens the data directory or a node answers.
func (p *program) query(ctx context.Context, operation string, v operations.Values) ([]byte, error) {
	if err := wantAccount(v); err != nil {
		return nil, err
	}
	if err := p.wantPast(v); err != nil {
		return nil, err
	}
	c, err := p.reach()
	if err != nil {
		return nil, err
	}
	if c == nil {
		return p.queryDirectory(ctx, operation, v)
	}
	defer c.Close()
	o := operations.Find(operation)
	path, values, err := requestOf(o, v)
	if err != nil {
		return nil, err
	}
	answer, err := c.Ask(ctx, o.Method, path, values)
	return answer, p.queryError(err)
}

// parseQuery returns the parameters of a query that the program itself requests.
func parseQuery(operation, argument string, query map[string][]string) (operations.Values, error) {
	return operations.Find(operation).Parse(func(string) string { return argument }, query, wire.ReadTime)
}

// wantPast returns an error for an instant --as-of in the future.
func (p *program) wantPast(v operations.Values) error {
	if v.Instant(operations.AsOf).After(p.now()) {
		return fmt.Errorf("--as-of %s: %w", v.Text(operations.AsOf), projections.ErrAhead)
	}
	return nil
}

// requestOf returns the path and the parameters of an operation over HTTP.
func requestOf(o *operations.Operation, v operations.Values) (path string, values url.Values, err error) {
	path, values = o.Path, url.Values{}
	for i := range o.Parameters {
		of := &o.Parameters[i]
		text := v.Text(of.Name)
		switch {
		case of.In == operations.InPath && strings.Trim(text, ".") == "":
			return "", nil, usagef("%s %q: the name can't be a part of a URL: run the command with --data while no node runs", of.Placeholder, text)
		case of.In == operations.InPath:
			path = strings.Replace(path, "{"+of.Name+"}", url.PathEscape(text), 1)
		case v.Has(of.Name):
			values.Set(of.Name, text)
		}
	}
	return path, values, nil
}

// queryError returns a usage error if the policy of the node's ledger rejects the argument, as a
// query of the data directory does. It passes other errors to [program.nodeError].
func (p *program) queryError(err error) error {
	rejected := (*client.Problem)(nil)
	if errors.As(err, &rejected) && rejected.Status == http.StatusBadRequest &&
		(strings.HasPrefix(rejected.Detail, operations.User+":") || strings.HasPrefix(rejected.Detail, operations.Prefix+":")) {
		return usageError{Err: errors.New(rejected.Detail)}
	}
	return p.nodeError(err)
}

func (p *program) queryDirectory(ctx context.Context, operation string, v operations.Values) (answer []byte, err error) {
	err = p.withView(ctx, func(n *node.View) (err error) {
		if operation != "troubleshoot" { // an invalid name is one of the problems that it reports
			if err := errors.Join(wantUser(n, v), wantPrefix(n, v)); err != nil {
				return err
			}
		}
		answer, err = httpapi.Read(ctx, httpapi.Reading{Ledger: n.Ledger, Rows: n.Rows, Queries: n.Queries, Now: p.now}, operation, v)
		return err
	})
	return answer, err
}

// wantAccount returns an error for an invalid account number.
func wantAccount(v operations.Values) error {
	id := v.Text(operations.Account)
	if wrong := domain.WrongID(id); v.Has(operations.Account) && wrong != "" {
		return usagef("account %q: %s", id, wrong)
	}
	return nil
}

// wantUser returns an error if the policy rejects the name of the user. A query for a valid name
// without records returns the zero answer.
func wantUser(n *node.View, v operations.Values) error {
	name, policy := v.Text(operations.User), n.Rows.Policy()
	if bad := policy.BadName(name); v.Has(operations.User) && bad != nil {
		return usagef("user %q: %v; a name must match %s (policy %s)", name, bad, policy.UsernamePattern, policy.Version)
	}
	return nil
}

// wantPrefix returns an error if no user can have a name with the prefix.
func wantPrefix(n *node.View, v operations.Values) error {
	text := v.Text(operations.Prefix)
	if text == "" {
		return nil
	}
	if err := httpapi.WrongPrefix(n.Rows.Policy(), n.Ledger.Names(), text); err != nil {
		return usageError{Err: err}
	}
	return nil
}

// isNoRecordOf reports whether a query names a record that does not exist, in the directory or
// at a node.
func isNoRecordOf(err error) bool {
	rejected := (*client.Problem)(nil)
	return isNoRecord(err) || errors.As(err, &rejected) && rejected.Status == http.StatusNotFound
}

// noRecordError returns the error for a record that does not exist. It names the newest record
// if the caller may read the policy.
func (p *program) noRecordError(ctx context.Context, command string, seq uint64) error {
	newest, err := p.newest(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("%s record %d: not found", command, seq)
	case newest == 0:
		return fmt.Errorf("%s: the ledger has no records", command)
	}
	return fmt.Errorf("%s record %d: not found: the newest record is %d", command, seq, newest)
}

// newest returns the number of the newest record. It requests the policy, because the answer
// contains that number, and each role that may read a record may read the policy.
func (p *program) newest(ctx context.Context) (uint64, error) {
	v, err := new(parameterFlags).parse("policy", "")
	if err != nil {
		return 0, err
	}
	answer, err := p.query(ctx, "policy", v)
	if err != nil {
		return 0, err
	}
	var of struct{ AsOf struct{ Seq uint64 } }
	err = decodeAnswer(answer, &of)
	return of.AsOf.Seq, err
}
