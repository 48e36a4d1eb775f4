package bench

import (
	"context"
	"crypto/rand"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"authledger/cmd/internal/usage"
	"authledger/domain"
)

//go:embed login.sql
var loginSQL string

const (
	schemaPrefix = "authledger_bench_"
	dropWithin   = time.Minute // maximum duration of the removal of the schema
	callLogin    = `SELECT status, refusal, event, lockout, failures, held, coalesce(until, 0), remaining,
	coalesce(retry, 0), expired, abandoned, seq FROM login($1, $2, $3, $4, $5, $6, $7, $8, $9)`
)

// errDSN contains no part of the value, because the value may contain a password.
var errDSN = usage.Errorf("--postgres: invalid value: want a PostgreSQL URL or a list of key=value settings")

// scratch is a schema of its own on a PostgreSQL server, with the SQL function of the rule.
type scratch struct {
	config *pgx.ConnConfig
	schema string
	server string // version
}

// createScratch creates the schema. The caller MUST call drop.
func createScratch(ctx context.Context, dsn string, p *domain.Policy) (*scratch, error) {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, errDSN
	}
	name := make([]byte, 8)
	if _, err := rand.Read(name); err != nil {
		return nil, err
	}
	s := &scratch{config: config, schema: schemaPrefix + hex.EncodeToString(name)}
	config.RuntimeParams["search_path"] = s.schema
	config.RuntimeParams["synchronous_commit"] = "on"
	err = s.alone(ctx, func(conn *pgx.Conn) error {
		s.server, _, _ = strings.Cut(conn.PgConn().ParameterStatus("server_version"), " ")
		if err := requireSync(ctx, conn); err != nil {
			return err
		}
		tx, err := conn.Begin(ctx)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "CREATE SCHEMA "+s.schema+";\n"+ruleOf(p))
		if err != nil {
			return errors.Join(fmt.Errorf("create the schema: %w", err), tx.Rollback(ctx))
		}
		return tx.Commit(ctx)
	})
	return s, err
}

// requireSync returns an error if the server acknowledges a transaction before it is on disk.
func requireSync(ctx context.Context, conn *pgx.Conn) error {
	var fsync string
	if err := conn.QueryRow(ctx, "SHOW fsync").Scan(&fsync); err != nil {
		return err
	}
	if fsync != "on" {
		return fmt.Errorf("the server has fsync = %s: want on, because the ledger syncs each commit", fsync)
	}
	return nil
}

// ruleOf returns the SQL of the rule under a policy.
func ruleOf(p *domain.Policy) string {
	nanoseconds := func(seconds int64) string {
		return strconv.FormatInt(seconds*int64(time.Second), 10) + "::bigint"
	}
	return strings.NewReplacer(
		"{failures}", strconv.FormatInt(p.Failures, 10),
		"{window}", nanoseconds(p.WindowSeconds),
		"{duration}", nanoseconds(p.DurationSeconds),
		"{attempt}", nanoseconds(p.AttemptTTLSeconds),
		"{extend}", strconv.FormatBool(p.RefusalsExtend),
	).Replace(loginSQL)
}

// drop deletes the schema, also after ctx has ended.
func (s *scratch) drop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), dropWithin)
	defer cancel()
	return s.alone(ctx, func(conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, "DROP SCHEMA IF EXISTS "+s.schema+" CASCADE")
		return err
	})
}

// connect opens a connection on which the rule can be called.
func (s *scratch) connect(ctx context.Context) (*pgx.Conn, error) {
	return pgx.ConnectConfig(ctx, s.config)
}

// alone calls the function with a connection of its own.
func (s *scratch) alone(ctx context.Context, do func(*pgx.Conn) error) error {
	conn, err := s.connect(ctx)
	if err != nil {
		return err
	}
	return errors.Join(do(conn), conn.Close(context.WithoutCancel(ctx)))
}

// sqlVerdict is a row of the table ledger, without the command. Instants are nanoseconds since
// 1970; 0 means no instant.
type sqlVerdict struct {
	Status, Refusal, Event, Lockout string
	Failures                        int64
	Held                            bool
	Until                           int64
	Remaining                       int64
	Retry                           int64
	Expired                         bool
	Abandoned                       []string
	Seq                             int64
}

// querier is a connection or a transaction.
type querier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// decideInSQL sends one command to the SQL function.
func decideInSQL(ctx context.Context, q querier, c *domain.Command) (v sqlVerdict, err error) {
	var user, attempt, outcome, reason, address string
	switch d := c.Data.(type) {
	case *domain.LoginBegin:
		user, attempt, address = d.User, d.Attempt, d.IP
	case *domain.LoginFinish:
		user, attempt, outcome, reason = d.User, d.Attempt, string(d.Outcome), d.Reason
	case *domain.LoginReport:
		user, outcome, reason, address = d.User, string(d.Outcome), d.Reason, d.IP
	default:
		return v, fmt.Errorf("the SQL function has no command %q", c.Data.CommandType())
	}
	row := q.QueryRow(ctx, callLogin, c.Source, c.ID, c.Data.CommandType(), user, attempt, outcome, reason,
		address, c.Time.UnixNano())
	err = row.Scan(&v.Status, &v.Refusal, &v.Event, &v.Lockout, &v.Failures, &v.Held, &v.Until, &v.Remaining,
		&v.Retry, &v.Expired, &v.Abandoned, &v.Seq)
	return v, err
}
