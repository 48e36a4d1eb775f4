package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"authledger/adapters/importers/signins"
	"authledger/cmd/internal/ingest"
	"authledger/cmd/internal/node"
	"authledger/cmd/internal/render"
)

// fileImport holds the arguments and flags of an import.
type fileImport struct {
	paths    []string
	format   ingest.Format
	verdicts string // path, "" for none
	strict   bool
	stdinUse string // command line of the same import from standard input
}

func newImportCommand(p *program) *cobra.Command {
	var f fileImport
	c := &cobra.Command{
		Use:   "import --from cloudevents|sshd|okta|entra|keycloak FILE…|-",
		Short: "Import files of past commands or sign-ins",
		Long: `Import files of past commands into the ledger. Commands of any past time are valid, and
set no timers. Importing the same file again changes nothing.

  authledger import --from okta --org acme okta.jsonl
  authledger import --from sshd --year 2026 /var/log/auth.log /var/log/auth.log.2.gz
  curl -s https://graph.example/signIns | authledger import --from entra -

Files may be plain or compressed with gzip or zstd. Logs of sshd are merged by time.
Files of okta, entra and keycloak hold a JSON object a line, an array of objects, or
an object with the array in its member value or records. The import records their
attempts in the order of time, whatever the order of the lines.

The import counts an invalid line and continues. The exit code is 0 after the last line,
or 1 if the files are not empty and the import recognized no line of any of them. With
--strict the import stops at the first invalid line with exit code 1. It has then recorded
the lines before that line, except attempts that it still held to sort them by time.

The import passes over events of okta, entra and keycloak that are not attempts, and
counts them by kind. A sign-in that ended with a code that is not in the table of
docs/importing.md is unmapped: the import counts it, names its line, and does not record it.

To continue an import that was interrupted, run the same command again: the import counts
attempts that are already recorded as duplicates.`,
		Args: importArguments,
		RunE: func(c *cobra.Command, args []string) error {
			f.paths, f.stdinUse = args, stdinCommandLine(c)
			if err := p.importFiles(c.Context(), &f); err != nil {
				return err
			}
			if !p.set.JSON {
				p.hintNewest(c.Context())
			}
			return nil
		},
	}
	c.Flags().StringVar(&f.format.Name, "from", "", "format of the files: "+ingest.FormatList)
	c.Flags().IntVar(&f.format.Year, "year", 0, "sshd: `YEAR` of the first line of each file, for logs whose times contain no year")
	c.Flags().StringVar(&f.format.Zone, "zone", "UTC", "sshd: IANA time zone `NAME` of the host")
	c.Flags().StringVar(&f.format.Org, "org", "", "okta, entra: `NAME` of the organization or tenant, for events that contain none; the name becomes a part of the source")
	c.Flags().StringVar(&f.verdicts, "verdicts", "", "`FILE` for the verdicts, JSON lines in the order of the input; - for standard output")
	c.Flags().BoolVar(&f.strict, "strict", false, "stop at the first invalid line; slower, because each command waits for the previous verdict")
	_ = c.RegisterFlagCompletionFunc("from", cobra.FixedCompletions(ingest.FormatNames, cobra.ShellCompDirectiveNoFileComp)) // fails only for an unknown flag
	return c
}

// importArguments accepts at least one file, and standard input at most once.
func importArguments(c *cobra.Command, args []string) error {
	inputs := 0
	for _, path := range args {
		if path == "" {
			return usagef("a file name is empty: name the files to import, or - for standard input")
		}
		if path == ingest.Stdio {
			inputs++
		}
	}
	switch {
	case len(args) == 0:
		return usagef("`%s` needs a file, or - for standard input", c.CommandPath())
	case inputs > 1:
		return usagef("standard input is named twice: give - once")
	}
	return nil
}

// stdinCommandLine returns the command line of an import with the same flags from standard input.
func stdinCommandLine(c *cobra.Command) string {
	words := []string{c.CommandPath()}
	c.Flags().Visit(func(f *pflag.Flag) {
		if f.Name == "nats-url" { // it may contain a password
			return
		}
		words = append(words, ingest.ShellWord("--"+f.Name+"="+f.Value.String()))
	})
	return strings.Join(append(words, ingest.Stdio), " ")
}

func (p *program) importFiles(ctx context.Context, f *fileImport) (err error) {
	open, err := f.format.Opener()
	if err != nil {
		return err
	}
	inputs, m, err := ingest.OpenInputs(p.in, f.paths, f.stdinUse)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ingest.CloseInputs(inputs)) }()
	out, err := ingest.OpenVerdicts(f.verdicts, p.out)
	if err != nil {
		return err
	}
	counts := ingest.NewTally()
	if _, ok := signins.Named(f.format.Name); ok {
		counts.SignIns = new(ingest.SignInTally)
	}
	err = p.withNode(ctx, func(n *node.Node) error {
		shown := p.startBar("importing", render.Bytes)
		defer shown.Stop()
		m.OnRead = shown.Set
		run := ingest.Pipeline{Ledger: n.Ledger, Items: open(ctx, ingest.Target{Ledger: n.Ledger, Rows: n.Rows}, inputs), Strict: f.strict, Report: func(b *ingest.Batch) error {
			counts.Add(b)
			shown.Count(int64(counts.Commands), "command", "commands")
			return out.Write(b)
		}}
		return run.Run(ctx)
	})
	counts.Finish()
	warnings, unknown := ingest.CheckRecognized(f.format.Name, inputs, err)
	for _, w := range warnings {
		p.warn("%v", w)
	}
	err = errors.Join(stoppedAt(counts, err), unknown)
	return errors.Join(err, out.Close(), ingest.WriteUnmapped(p.errs, counts.SignIns), p.showInvalid(f, counts), p.showCounts(f, counts, err != nil))
}

func stoppedAt(counts *ingest.Tally, err error) error {
	var invalid *ingest.InvalidLineError
	if err == nil || errors.As(err, &invalid) {
		return err
	}
	if errors.As(err, new(usageError)) {
		return err // the same command would fail in the same way
	}
	if counts.Lines == 0 {
		return fmt.Errorf("import stopped before the first line: %w", err)
	}
	return fmt.Errorf("import stopped, %d commands of %d lines have a verdict, run the same command again to continue: %w", counts.Commands, counts.Lines, err)
}

// showInvalid prints the first invalid line, because the lines of a file in another format
// are all invalid for the same reason. With --strict the error of the import names that line.
func (p *program) showInvalid(f *fileImport, t *ingest.Tally) error {
	if t.FirstInvalid == "" || f.strict {
		return nil
	}
	_, err := fmt.Fprintf(p.errs, "invalid, not recorded: %s\n", t.FirstInvalid)
	all := 0
	for _, n := range t.Invalid {
		all += n
	}
	if err == nil && all > 1 && f.verdicts == "" {
		_, err = fmt.Fprintf(p.errs, "and %d more invalid lines: --verdicts FILE writes the error of each\n", all-1)
	}
	return err
}

// showCounts writes the counts to standard output, or to standard error if the verdicts
// take standard output. After an error it omits counts of zero.
func (p *program) showCounts(f *fileImport, t *ingest.Tally, failed bool) error {
	name, out := "commands", p.out
	if f.format.Name == "sshd" || t.SignIns != nil {
		name = "attempts"
	}
	if f.verdicts == ingest.Stdio {
		out = p.errs
	}
	shown := p.printerTo(out)
	switch {
	case failed && !t.HasCounts():
		return nil
	case p.set.JSON:
		return shown.WriteJSON(t)
	}
	return shown.WriteTable(render.TallyTable(t, name, failed))
}
