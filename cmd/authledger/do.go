package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"authledger/adapters/client"
	"authledger/cmd/internal/node"
	"authledger/domain"
	"authledger/eventstore/wire"
)

// localCaller returns the caller of a command in a data directory that this process opens: the
// user of the machine, as for a command through the node that runs on the directory.
func localCaller() string { return domain.LocalPrefix + node.UserName(os.Getuid()) }

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

` + "`authledger do TYPE --help`" + ` lists the members of a type, with an example.

The command repeats a request to a node until it receives a verdict, for at most one minute.
With --server or --context the token sets the source and the node sets the time.

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
		ValidArgsFunction: p.completeDo,
		RunE: func(c *cobra.Command, args []string) error {
			if err := p.checkRequestFlags(c, &r); err != nil {
				return err
			}
			command, err := r.command(p, args[0], args[1:])
			if err != nil {
				return err
			}
			verdict, err := p.submit(c.Context(), command)
			if err != nil {
				return err
			}
			if err := p.showVerdict(&verdict); err != nil {
				return fmt.Errorf("%w%s", err, suggestMember(args[0], args[1:], command.rejection))
			}
			return nil
		},
	}
	c.Flags().StringVar(&r.id, "id", "", "`ID` of the command: repeat it to submit the same command again (default a new id)")
	c.Flags().StringVar(&r.source, "source", "cli", "`SOURCE` of the command; source and id identify the command")
	c.Flags().StringVar(&r.time, "time", "", "`TIME` of the command, RFC 3339 (default set by the ledger)")
	c.Flags().BoolVar(&r.backfill, "backfill", false, "record a past command: accept any past --time, and set no timers")
	show := c.HelpFunc()
	c.SetHelpFunc(func(c *cobra.Command, args []string) { p.helpDo(c, show, args) })
	return c
}

// commandSummaries returns a line with the type and the summary of each command, below the
// resource of the command.
func commandSummaries() string {
	var b strings.Builder
	group, longest := "", 0
	for _, kind := range domain.ClientCommands() {
		longest = max(longest, len(kind))
	}
	for _, kind := range domain.ClientCommands() {
		if resource, _, _ := strings.Cut(kind, "."); resource != group {
			group = resource
			fmt.Fprintf(&b, "  %s\n", group)
		}
		fmt.Fprintf(&b, "    %-*s %s\n", longest, kind, domain.CommandSummary(kind))
	}
	return b.String()
}

// checkRequestFlags returns a usage error for flags that a node does not accept from a token.
func (p *program) checkRequestFlags(c *cobra.Command, r *request) error {
	if p.isRemote() && (c.Flags().Changed("source") || c.Flags().Changed("time") || r.backfill) {
		return usagef("with --server the token sets the source and the node sets the time: omit --source, --time and --backfill")
	}
	return nil
}

// submit returns the verdict of the ledger on a command. It rejects an invalid command without
// sending it to a node.
func (p *program) submit(ctx context.Context, asked asked) (client.Verdict, error) {
	if asked.rejection != nil {
		verdict := asked.rejection.Verdict(&asked.command)
		return decidedVerdict(wire.AppendVerdict(nil, &verdict))
	}
	c, err := p.reach()
	if err != nil {
		return client.Verdict{}, err
	}
	if c != nil {
		defer c.Close()
	}
	verdict, err := p.submitTo(ctx, c, asked.command)
	return verdict, p.nodeError(err)
}

// submitTo submits a command to a node, or without a client to the ledger in the directory. Its
// errors begin with the type and the id of the command.
func (p *program) submitTo(ctx context.Context, c *client.Client, command domain.Command) (client.Verdict, error) {
	switch {
	case c == nil:
		return p.decide(ctx, command)
	case p.isRemote():
		return c.Do(ctx, command.ID, command.Data)
	}
	return c.DoLocal(ctx, &command)
}

// decide returns the verdict of the ledger in the data directory, which this process opens.
func (p *program) decide(ctx context.Context, command domain.Command) (decided client.Verdict, err error) {
	err = p.withNode(ctx, func(n *node.Node) error {
		verdict, err := n.Ledger.Do(ctx, command)
		if err == nil {
			decided, err = decidedVerdict(n.Ledger.Names().Show(wire.AppendVerdict(nil, &verdict)))
		}
		return err
	})
	if err != nil {
		return decided, fmt.Errorf("%s %s: %w", command.Data.CommandType(), command.ID, err)
	}
	return decided, nil
}

// decidedVerdict returns a verdict that the text contains in the form in which a node sends it.
func decidedVerdict(text []byte) (client.Verdict, error) {
	sent := client.Verdict{JSON: text}
	err := decodeAnswer(text, &sent)
	return sent, err
}

// showVerdict prints a verdict; an invalid command is an error.
func (p *program) showVerdict(v *client.Verdict) error {
	if err := p.printer().ShowVerdict(v.JSON); err != nil {
		return err
	}
	if v.Status == domain.Invalid {
		return fmt.Errorf("invalid, not recorded: %s: %s", v.Reason, v.Detail)
	}
	return nil
}

// asked is a command and, if the command is invalid, its rejection.
type asked struct {
	command   domain.Command
	rejection *domain.Rejection
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
	command.Caller, command.Stamped, command.Backfill = localCaller(), r.time == "", r.backfill
	return asked{command, rejection}, nil
}
