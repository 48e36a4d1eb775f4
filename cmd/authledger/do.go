package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"authledger/cmd/internal/node"
	"authledger/domain"
	"authledger/eventstore/wire"
)

// cliCaller is the caller of commands that a user with access to the data directory submits.
const cliCaller = "cli"

// request holds the flags that describe a command.
type request struct {
	id, source, time string
	backfill         bool
}

func newDoCommand(p *program) *cobra.Command {
	var r request
	c := &cobra.Command{
		Use:   "do TYPE key=value…",
		Short: "Submit a command and print its verdict",
		Long: `Submit one command to the ledger and print its verdict.

Write each member of the command as key=value. The value of a member that is a JSON object
or array can be in a file: key=@FILE. The exit code is 0 for an accepted or refused command.
It is 1 for an invalid command, which the ledger does not record.

Without --time the ledger sets the time. You can then run the command again with the same
--id: the ledger ignores the different time, and returns the first verdict.

With --server, do sends the command to a running node, with the token in AUTHLEDGER_TOKEN.
It repeats the request until it receives a verdict, for at most one minute.

Types:
` + commandSummaries(),
		Example: `  authledger do login.report user=alice outcome=failed reason=bad_credentials
  authledger do policy.adopt by=officer policy=@policy.json`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("the type of the command is missing: give a type such as login.report, then its members as key=value")
			}
			return nil
		},
		ValidArgsFunction: completeCommand,
		RunE: func(c *cobra.Command, args []string) error {
			command, err := r.command(p, args[0], args[1:])
			if err != nil {
				return err
			}
			if p.set.server == "" {
				return p.do(c.Context(), command)
			}
			if c.Flags().Changed("source") || c.Flags().Changed("time") || r.backfill {
				return usagef("with --server the token sets the source and the node sets the time: omit --source, --time and --backfill")
			}
			return p.doRemote(c.Context(), command)
		},
	}
	c.Flags().StringVar(&r.id, "id", "", "`ID` of the command: repeat it to submit the same command again (default a new id)")
	c.Flags().StringVar(&r.source, "source", "cli", "`SOURCE` of the command; source and id identify the command")
	c.Flags().StringVar(&r.time, "time", "", "`TIME` of the command, RFC 3339 (default set by the ledger)")
	c.Flags().BoolVar(&r.backfill, "backfill", false, "record a past command: accept any past --time, and set no timers")
	return c
}

// commandSummaries returns a line with the type and the summary of each command.
func commandSummaries() string {
	var b strings.Builder
	for _, kind := range domain.ClientCommands() {
		fmt.Fprintf(&b, "  %-19s %s\n", kind, domain.CommandSummary(kind))
	}
	return b.String()
}

// completeCommand completes the type of a command, with its summary.
func completeCommand(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoSpace // members
	}
	var all []cobra.Completion
	for _, kind := range domain.ClientCommands() {
		all = append(all, cobra.CompletionWithDesc(kind, domain.CommandSummary(kind)))
	}
	return all, cobra.ShellCompDirectiveNoFileComp
}

// do sends a command to the ledger in the data directory and prints its verdict.
func (p *program) do(ctx context.Context, asked asked) error {
	verdict, err := p.decide(ctx, asked)
	if err != nil {
		return err
	}
	return p.showDecided(&verdict)
}

// decide returns the verdict of the ledger in the data directory on a command.
func (p *program) decide(ctx context.Context, asked asked) (domain.Verdict, error) {
	if asked.rejection != nil {
		return asked.rejected(), nil
	}
	var verdict domain.Verdict
	err := p.withNode(ctx, func(n *node.Node) (err error) {
		verdict, err = n.Ledger.Do(ctx, asked.command)
		return err
	})
	if err != nil {
		return verdict, fmt.Errorf("do %s with --id %s: %w", asked.command.Data.CommandType(), asked.command.ID, err)
	}
	return verdict, nil
}

// showDecided prints a verdict; an invalid command is an error.
func (p *program) showDecided(verdict *domain.Verdict) error {
	if err := p.printer().ShowVerdict(verdict); err != nil {
		return err
	}
	if verdict.Status == domain.Invalid {
		return fmt.Errorf("invalid, not recorded: %s: %s", verdict.Reason, verdict.Detail)
	}
	return nil
}

// asked is a command and, if the command is invalid, its rejection.
type asked struct {
	command   domain.Command
	rejection *domain.Rejection
}

// rejected returns the verdict of the rejection, or the zero verdict for a valid command.
func (a *asked) rejected() domain.Verdict {
	if a.rejection == nil {
		return domain.Verdict{}
	}
	return a.rejection.Verdict(&a.command)
}

// cloudEvent is a command in the form that [wire.ReadCommand] reads.
type cloudEvent struct {
	SpecVersion string         `json:"specversion"`
	ID          string         `json:"id"`
	Source      string         `json:"source"`
	Type        string         `json:"type"`
	Time        string         `json:"time"`
	Data        map[string]any `json:"data"`
}

// command returns the command of type kind with the members in pairs. It encodes the command
// and decodes it with [wire.ReadCommand], which checks the commands of all sources.
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
	} else if _, err := wire.ReadTime(event.Time); err != nil {
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
