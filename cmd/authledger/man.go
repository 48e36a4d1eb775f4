package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"authledger/cmd/internal/buildinfo"
)

const (
	manSection = "1" // section of the manual for commands of users
	manDirMode = 0o755
	manMode    = 0o644 // the manual is for all users of the machine

	exampleMark = "  " // at the start of a line of a help text: an example
	itemMark    = "- " // at the start of a line of a help text: an item of a list
)

func newManCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "man DIR", Short: "Write the manual pages of all commands",
		Long: `Write one manual page for each command into DIR, in section 1. The command creates the
directory if it does not exist, and replaces pages of the same names.

  authledger man man1
  man -l man1/authledger-serve.1

The pages depend only on the program: their date is the month of its commit, or January
1970 if the build did not record the commit.`,
		Args: oneArgument("directory"),
		RunE: func(_ *cobra.Command, args []string) error {
			return writeManual(args[0], manDate(buildinfo.Read()))
		},
	}
}

// manDate returns the date of the manual pages. It does not depend on the clock, so that two
// builds of one commit write the same bytes.
func manDate(build buildinfo.Info) time.Time {
	at, err := time.Parse(time.RFC3339, build.Time)
	if err != nil {
		return time.Unix(0, 0).UTC() // the build did not record a commit
	}
	return at.UTC()
}

// writeManual writes the page of each command into dir.
func writeManual(dir string, date time.Time) error {
	if err := os.MkdirAll(dir, manDirMode); err != nil {
		return fmt.Errorf("create the directory of the manual: %w", err)
	}
	for _, c := range manualCommands(newManualRoot()) {
		page, err := manPage(c, date)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, manName(c)), page, manMode)
		}
		if err != nil {
			return fmt.Errorf("write the manual page of `%s`: %w", c.CommandPath(), err)
		}
	}
	return nil
}

// newManualRoot returns the commands with defaults that contain no path of this machine.
func newManualRoot() *cobra.Command {
	root := newRootCommand(newProgram(nil, io.Discard, io.Discard, func(variable string) string {
		if variable == "HOME" {
			return "$HOME"
		}
		return ""
	}))
	root.DisableAutoGenTag = true // the tag contains a full date, and names the generator
	root.InitDefaultCompletionCmd()
	return root
}

// manualCommands returns c and the commands below it that the help lists.
func manualCommands(c *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{c}
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			all = append(all, manualCommands(sub)...)
		}
	}
	return all
}

// manName returns the name of the file that man(1) looks up for c.
func manName(c *cobra.Command) string {
	return strings.ReplaceAll(c.CommandPath(), " ", "-") + "." + manSection
}

// manPage returns the manual page of c in the format of man(7).
func manPage(c *cobra.Command, date time.Time) ([]byte, error) {
	hideUnusedFlags(c)
	c.Long = toMarkdown(c.Long)
	var page bytes.Buffer
	err := doc.GenMan(c, &doc.GenManHeader{
		Section: manSection, Date: &date,
		Source: "authledger " + buildinfo.Read().Version, Manual: "authledger manual",
	}, &page)
	return page.Bytes(), err
}

// toMarkdown turns the example lines of a help text, which begin with two spaces, into code blocks,
// and its lines that begin with "- " into a list: Markdown wants an empty line before both, and an
// indent of four spaces in a code block.
func toMarkdown(help string) string {
	var text []string
	before := ""
	for line := range strings.SplitSeq(help, "\n") {
		for _, mark := range []string{exampleMark, itemMark} {
			if strings.HasPrefix(line, mark) && !strings.HasPrefix(before, mark) {
				text = append(text, "")
			}
		}
		before = line
		if strings.HasPrefix(line, exampleMark) {
			line = "    " + line
		}
		text = append(text, line)
	}
	return strings.Join(text, "\n")
}
