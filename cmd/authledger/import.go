package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/jedib0t/go-pretty/v6/progress"
	"github.com/spf13/cobra"

	"authledger/adapters/importers/cloudevents"
	"authledger/adapters/importers/signins"
	"authledger/adapters/importers/sshd"
	"authledger/domain"
)

// fileImport is one file to take in.
type fileImport struct {
	path     string
	from     string
	year     int
	zone     string
	org      string
	verdicts string // path, "" for none
	strict   bool
}

func newImportCommand(p *program) *cobra.Command {
	var f fileImport
	c := &cobra.Command{
		Use:   "import --from cloudevents|sshd|okta|entra|keycloak FILE|-",
		Short: "a file of commands, one a line; the same file again changes nothing",
		Long: `Take a file of commands into the ledger, as the past: no timers are set by it,
and any past time is fine.

An invalid line is counted, and the rest goes on; the exit code is 0 when every
line has its verdict. With --strict the first invalid line ends it, with exit
code 1; the lines before it are recorded.

Of okta, entra and keycloak it takes exported events, one JSON object a line.
Those that tell of no attempt are passed over. A sign-in that ended with a code
that nobody has looked at is unmapped: it is counted, named with its line, all of
them among the verdicts, and not recorded. Attempts are recorded in the order of time, whatever that of the
lines; with --strict a line that can't be read ends it before those that wait.

An import that was interrupted is gone on with by the same command: what was
recorded is a duplicate.`,
		Args: oneArgument("file, which may be - for standard input"),
		RunE: func(c *cobra.Command, args []string) error {
			f.path = args[0]
			return p.importFile(c.Context(), &f)
		},
	}
	c.Flags().StringVar(&f.from, "from", "", "what the file is: "+formats)
	c.Flags().IntVar(&f.year, "year", 0, "sshd: `YEAR` of the first line")
	c.Flags().StringVar(&f.zone, "zone", "UTC", "sshd: IANA time zone `NAME` of the host")
	c.Flags().StringVar(&f.org, "org", "", "okta, entra: `NAME` of the org or tenant, a part of the source, for events that don't hold it")
	c.Flags().StringVar(&f.verdicts, "verdicts", "", "`FILE` for the verdicts, JSON lines in the order of the input; - for standard output")
	c.Flags().BoolVar(&f.strict, "strict", false, "stop at the first invalid line; slower, as each command waits for the one before")
	_ = c.RegisterFlagCompletionFunc("from", cobra.FixedCompletions(formatNames, cobra.ShellCompDirectiveNoFileComp)) // fails only for a flag that is none
	return c
}

func (p *program) importFile(ctx context.Context, f *fileImport) error {
	open, err := f.format()
	if err != nil {
		return err
	}
	in, size, err := p.openInput(f.path)
	if err != nil {
		return err
	}
	defer in.Close() // only read from
	out, err := p.openVerdicts(f.verdicts)
	if err != nil {
		return err
	}
	counts := newTally()
	if _, ok := signins.Named(f.from); ok {
		counts.SignIns = new(signInTally)
	}
	err = p.withNode(ctx, func(n *node) error {
		b := p.startBar("importing", progress.UnitsBytes)
		defer b.stop()
		items := open(ctx, n, &meter{in: in, bar: b, total: size})
		run := intake{ledger: n.ledger, items: items, strict: f.strict, heard: func(b *batch) error {
			counts.add(b)
			return out.write(b)
		}}
		return run.run(ctx)
	})
	counts.end()
	return errors.Join(stoppedAt(counts, err), out.close(), p.showUnmapped(counts.SignIns), p.showInvalid(f, counts), p.showCounts(f, counts))
}

func stoppedAt(counts *tally, err error) error {
	var invalid *invalidLine
	if err == nil || errors.As(err, &invalid) {
		return err
	}
	return fmt.Errorf("import stopped, %d commands of %d lines have a verdict, the same command again goes on from there: %w", counts.Commands, counts.Lines, err)
}

// formatNames are what a file may be.
var formatNames = []string{"cloudevents", "sshd", "okta", "entra", "keycloak"}

const formats = "cloudevents, sshd, okta, entra or keycloak"

// opener reads a file of one format.
type opener func(ctx context.Context, n *node, in io.Reader) iter.Seq[item]

func (f *fileImport) format() (opener, error) {
	switch f.from {
	case "cloudevents":
		return openCloudEvents, nil
	case "sshd":
		zone, err := time.LoadLocation(f.zone)
		if err != nil {
			return nil, usagef("--zone %q: want an IANA time zone such as UTC or Europe/Zurich", f.zone)
		}
		return openSSHD(f.year, zone)
	case "":
		return nil, usagef("import what? give --from %s", formats)
	}
	if gateway, ok := signins.Named(f.from); ok {
		return openSignIns(gateway, f.org)
	}
	return nil, usagef("--from %q: want %s", f.from, formats)
}

func openCloudEvents(_ context.Context, _ *node, in io.Reader) iter.Seq[item] {
	return func(yield func(item) bool) {
		for line, err := range cloudevents.Lines(in) {
			if !yield(item{line: line.Number, text: line.Text, rejection: line.Rejection, err: err}) {
				return
			}
		}
	}
}

func openSSHD(year int, zone *time.Location) (opener, error) {
	if _, err := sshd.New(nil, year, zone); err != nil {
		return nil, usageError{err}
	}
	return func(ctx context.Context, n *node, in io.Reader) iter.Seq[item] {
		return func(yield func(item) bool) {
			log, err := sshd.New(in, year, zone)
			adopted := n.rows.Position().Seq > 0 // whoever has records has a policy
			for it := (item{err: err}); it.err == nil; {
				it = nextSSHD(log)
				if !adopted && len(it.commands) > 0 {
					adopted = true
					it.adopted, it.err = adoptPOSIXHost(ctx, n, log.Source(), it.commands[0].Time)
				}
				if errors.Is(it.err, io.EOF) || !yield(it) {
					return
				}
			}
		}
	}, nil
}

func nextSSHD(log *sshd.Reader) item {
	line, err := log.Next()
	return item{line: line.Number, commands: line.Commands, rejection: line.Rejection, err: err}
}

// adoptPOSIXHost gives a new ledger the rules for names of a Unix host.
func adoptPOSIXHost(ctx context.Context, n *node, source string, at time.Time) (string, error) {
	c := sshd.AdoptPOSIXHost(source, at)
	v, err := n.ledger.Do(ctx, c)
	if err != nil {
		return "", fmt.Errorf("adopt %s: %w", domain.POSIXHost().Version, err)
	}
	if v.Status != domain.Accepted {
		return "", fmt.Errorf("adopt %s at %s: %s: %s: is --year right?", domain.POSIXHost().Version, showTime(at), v.Reason, v.Detail)
	}
	return domain.POSIXHost().Version, nil
}

// showInvalid names one line of many: a file of another kind is invalid in the same way
// throughout. Strictly, it is what ends the import, and named by that.
func (p *program) showInvalid(f *fileImport, t *tally) error {
	if t.invalid == "" || f.strict {
		return nil
	}
	_, err := fmt.Fprintf(p.errs, "invalid, not recorded: %s\n", t.invalid)
	all := 0
	for _, n := range t.Invalid {
		all += n
	}
	if err == nil && all > 1 && f.verdicts == "" {
		_, err = fmt.Fprintf(p.errs, "and %d invalid lines more: --verdicts FILE says what is wrong with each\n", all-1)
	}
	return err
}

// showCounts goes to where the verdicts are not.
func (p *program) showCounts(f *fileImport, t *tally) error {
	name, shown := "commands", *p
	if f.from == "sshd" || t.SignIns != nil {
		name = "attempts"
	}
	if f.verdicts == stdio {
		shown.out = p.errs
	}
	if p.set.json {
		return shown.writeJSON(t)
	}
	return shown.writeTable(t.table(name))
}
