package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"authledger/domain"
	"authledger/eventstore/wire"
)

// cliCaller is who commands come from that somebody with the data directory
// gives.
const cliCaller = "cli"

// request is a command as it was asked for on the command line.
type request struct {
	id, source, time string
	backfill         bool
}

func newDoCommand(p *program) *cobra.Command {
	var r request
	c := &cobra.Command{
		Use:   "do TYPE key=value…",
		Short: "one command, and its verdict",
		Long: `Give one command to the ledger and print its verdict.

A value is text, a number or true/false, as the member needs it; @FILE is a
JSON object from a file. The verdict accepted or refused is an answer, with
exit code 0; an invalid command is not recorded, and has exit code 1.

Without --time the ledger sets it, and it is no part of the content: the same
command with the same --id may be given again.

With --server a node is asked, as the holder of the token in AUTHLEDGER_TOKEN; it
is asked again until there is a verdict, for up to a minute.`,
		Example: `  authledger do login.report user=alice outcome=failed reason=bad_credentials
  authledger do policy.adopt by=officer policy=@policy.json`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("do what? give a type such as login.report, then its members as key=value")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			command, err := r.command(p, args[0], args[1:])
			if err != nil {
				return err
			}
			if p.set.server == "" {
				return p.do(c.Context(), command)
			}
			if c.Flags().Changed("source") || c.Flags().Changed("time") || r.backfill {
				return usagef("with --server the token says the source, and the node the time: leave --source, --time and --backfill out")
			}
			return p.doThere(c.Context(), command)
		},
	}
	c.Flags().StringVar(&r.id, "id", "", "`ID` of the command, for giving it again (default a new one)")
	c.Flags().StringVar(&r.source, "source", "cli", "`SOURCE` of the command; with the id it names the command for ever")
	c.Flags().StringVar(&r.time, "time", "", "`TIME` when it happened, RFC 3339 (default set by the ledger)")
	c.Flags().BoolVar(&r.backfill, "backfill", false, "tell the past: any past --time, and no timers")
	return c
}

// do gives a command to the ledger and prints what it comes to.
func (p *program) do(ctx context.Context, asked asked) error {
	verdict := asked.rejected()
	if asked.rejection == nil {
		err := p.withNode(ctx, func(n *node) (err error) {
			verdict, err = n.ledger.Do(ctx, asked.command)
			return err
		})
		if err != nil {
			return fmt.Errorf("do %s with --id %s: %w", asked.command.Data.CommandType(), asked.command.ID, err)
		}
	}
	if err := p.showVerdict(&verdict); err != nil {
		return err
	}
	if verdict.Status == domain.Invalid {
		return fmt.Errorf("invalid, not recorded: %s: %s", verdict.Reason, verdict.Detail)
	}
	return nil
}

// asked is a command that came in, or why it is none.
type asked struct {
	command   domain.Command
	rejection *domain.Rejection
}

func (a *asked) rejected() domain.Verdict {
	if a.rejection == nil {
		return domain.Verdict{}
	}
	return a.rejection.Verdict(&a.command)
}

// cloudEvent is a command on its way to the one reader of commands there is.
type cloudEvent struct {
	SpecVersion string         `json:"specversion"`
	ID          string         `json:"id"`
	Source      string         `json:"source"`
	Type        string         `json:"type"`
	Time        string         `json:"time"`
	Data        map[string]any `json:"data"`
}

// command is the request as every other command comes in, so that it is judged
// alike.
func (r *request) command(p *program, kind string, pairs []string) (asked, error) {
	data, err := readMembers(kind, pairs)
	if err != nil {
		return asked{}, err
	}
	event := cloudEvent{SpecVersion: "1.0", ID: r.id, Source: r.source, Type: kind, Time: r.time, Data: data}
	if event.ID == "" {
		event.ID = uuid.Must(uuid.NewV7()).String()
	}
	if event.Time == "" {
		event.Time = p.now().UTC().Format(time.RFC3339Nano)
	} else if _, err := wire.ParseTime([]byte(event.Time)); err != nil {
		return asked{}, usagef("--time %q: %w", event.Time, err)
	}
	text, err := json.Marshal(event)
	if err != nil {
		return asked{}, fmt.Errorf("write the command: %w", err)
	}
	command, rejection := wire.ReadCommand(text)
	command.Caller, command.Stamped, command.Backfill = cliCaller, r.time == "", r.backfill
	return asked{command, rejection}, nil
}

func (p *program) showVerdict(v *domain.Verdict) error {
	if p.set.json {
		_, err := fmt.Fprintf(p.out, "%s\n", wire.AppendVerdict(nil, v))
		return err
	}
	return p.writeTable(verdictTable(v))
}

func verdictTable(v *domain.Verdict) table.Writer {
	t := newTable()
	row := func(name, value string) {
		if value != "" {
			t.AppendRow(table.Row{name, value})
		}
	}
	row("status", string(v.Status))
	row("reason", string(v.Reason))
	row("detail", v.Detail)
	if v.Seq > 0 {
		row("seq", fmt.Sprint(v.Seq))
		row("late", fmt.Sprint(v.Late))
		row("duplicate", fmt.Sprint(v.Duplicate))
	}
	if v.Unsynced {
		row("unsynced", "true: it may be lost with the power")
	}
	row("time", showTime(v.Time))
	row("policy", v.Policy)
	row("id", v.ID)
	row("source", v.Source)
	for _, e := range v.Events {
		row("event", showEvent(e))
	}
	if v.Result != nil {
		row("result", strings.Join(listMembers(v.Result), " "))
	}
	return t
}
