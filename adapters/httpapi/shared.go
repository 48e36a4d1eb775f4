package httpapi

import (
	"context"
	"errors"
	"time"

	"authledger/domain"
	"authledger/domain/access"
	"authledger/eventstore/wire"
	"authledger/projections/queries"
)

// The functions of this file are for the web console. The console answers the same callers
// from the same process, so it shares the limits, the audit and the queries of this server.

// errNotOpen reports a call before [Server.Open].
var errNotOpen = errors.New("httpapi: the ledger is not open yet")

// LimitAddress takes one request from the token bucket of the network of a client without
// credentials. It returns 0 or the time after which the client may retry.
func (s *Server) LimitAddress(remote string) time.Duration { return s.limits.address(remote) }

// LimitSignIn takes one attempt to sign in from the token bucket of the network of a client.
// It returns 0 or the time after which the client may retry.
func (s *Server) LimitSignIn(remote string) time.Duration { return s.limits.signIn(remote) }

// LimitCaller takes a number of requests from the token bucket of a caller. It returns 0 or
// the time after which the caller may retry.
func (s *Server) LimitCaller(c *access.Caller, requests int) time.Duration {
	return s.limits.credential(c, requests)
}

// AcquireQuery waits until the server answers fewer than queriesPerCallerMax queries of the
// caller. After the query, the caller of AcquireQuery calls release.
func (s *Server) AcquireQuery(ctx context.Context, c *access.Caller) (release func(), err error) {
	return s.queries.acquireCaller(ctx, c.Name)
}

// AcquireStream counts a stream of the caller. It reports false if too many streams are
// open. At the end of the stream, the caller of AcquireStream calls release.
func (s *Server) AcquireStream(c *access.Caller) (release func(), ok bool) {
	release, err := s.openStream(c)
	return release, err == nil
}

// RecordRead commits an audit.read of the caller. It returns after the record is on disk. The
// caller of RecordRead MUST NOT send a part of the answer before.
func (s *Server) RecordRead(ctx context.Context, c *access.Caller, query, purpose string, reveal bool) error {
	n := s.node.Load()
	if n == nil {
		return errNotOpen
	}
	_, err := n.commitRead(ctx, domain.AuditRead{
		Reader: c.Name, Role: string(c.Role), Query: query, Purpose: purpose, Reveal: reveal,
	})
	return err
}

// Submit decides a command of the caller as POST /v1/commands/{type} does: the command has the
// source of the caller, the given id, and the time of the server. Submit returns after the record
// is on disk. After an error other than *[access.Denied] the outcome is unknown, and another call
// with the same id returns the verdict of the recorded command.
func (s *Server) Submit(ctx context.Context, c *access.Caller, id string, data domain.CommandData) (domain.Verdict, error) {
	n := s.node.Load()
	if n == nil {
		return domain.Verdict{}, errNotOpen
	}
	in := received{command: domain.Command{Source: c.Source, ID: id, Stamped: true}}
	in.command.Data, in.rejection = wire.ReadTyped(data.CommandType(), wire.AppendData(nil, data))
	if in.rejection != nil {
		s.observe(in.command.Data, string(domain.Invalid))
		return in.verdict(), nil
	}
	release, err := s.commands.acquire(ctx, c.Name)
	if err != nil {
		return domain.Verdict{}, err
	}
	defer release()
	return s.decide(&call{node: n, caller: c}, ctx, in.command)
}

// Queries returns the queries of the open ledger, nil before [Server.Open]. All adapters of a
// process use these queries, because each Queries has its own limit on concurrent folds.
func (s *Server) Queries() *queries.Queries {
	n := s.node.Load()
	if n == nil {
		return nil
	}
	return n.queries
}

// Draining ends when [Server.Drain] is called.
func (s *Server) Draining() context.Context { return s.draining }
