package main

import (
	"github.com/spf13/cobra"

	"authledger/domain/operations"
	"authledger/projections/queries"
)

// statisticsParameters are the parameters of the command stats.
var statisticsParameters = []string{
	operations.From, operations.To, operations.Step, operations.Group, operations.Limit, operations.After, operations.At,
}

func newStatsCommand(p *program) *cobra.Command {
	var flags parameterFlags
	c := &cobra.Command{
		Use: "stats", Short: summary("stats"),
		Long: `Count the records of the ledger in buckets of a minute, an hour or a day. A record
counts at its effective time. On a terminal the command also draws a chart.`,
		Example: `  authledger stats
  authledger stats --step 1m --group type --limit 60
  authledger stats --group class --from 2026-03-01T00:00:00Z --to 2026-04-01T00:00:00Z --json`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			v, err := flags.parse("stats", "")
			if err != nil {
				return err
			}
			if err := p.checkStatistics(v); err != nil {
				return err
			}
			return p.showQuery(c, &flags, "stats", "")
		},
	}
	flags.register(c.Flags(), "stats", statisticsParameters...)
	return c
}

// checkStatistics returns a usage error for flags that contradict each other.
func (p *program) checkStatistics(v operations.Values) error {
	of := queries.StatisticsQuery{
		From: v.Instant(operations.From), To: v.Instant(operations.To), Step: v.Text(operations.Step),
		Group: v.Text(operations.Group), At: p.now(), Limit: int(v.Number(operations.Limit)),
	}
	if v.Has(operations.At) {
		of.At = v.Instant(operations.At)
	}
	if err := of.Check(); err != nil {
		return usagef("--%w", err)
	}
	return nil
}
