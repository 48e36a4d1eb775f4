package main

import (
	"io"
	"slices"
	"strings"
	"testing"

	"authledger/cmd/internal/settings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// TestSettings_FlagOfAnotherCommandIsRefused gives every command every setting that it
// does not read: each is a usage error, before the command does anything.
func TestSettings_FlagOfAnotherCommandIsRefused(t *testing.T) {
	values := map[string]string{
		"json": "", "wide": "", "allow-plaintext": "", "allow-unsynced": "", "drop-damaged-keys": "",
		"pseudonymous": "",
		"timeout":      "1s",
	}
	for _, name := range runnable(t) {
		for _, setting := range settings.Names() {
			if slices.Contains(alwaysRead, setting) || slices.Contains(settingsRead[name], setting) {
				continue
			}
			value, isGiven := values[setting]
			flag := "--" + setting
			if !isGiven {
				flag += "=x"
			} else if value != "" {
				flag += "=" + value
			}
			p := newProgram(nil, io.Discard, io.Discard, func(string) string { return "" })
			root := newRootCommand(p)
			c, _, err := root.Find(strings.Fields(name))
			if name == "authledger" {
				c, err = root, nil
			}
			if err != nil {
				t.Fatal(err)
			}
			if err := c.ParseFlags([]string{flag}); err != nil {
				t.Fatalf("%s %s: %v", name, flag, err)
			}
			if err := p.configure(c); exitCode(err) != exitUsage || !strings.Contains(err.Error(), "--"+setting) {
				t.Errorf("%s %s: error %v, want a usage error that names the flag", name, flag, err)
			}
		}
	}
}

// TestSettings_EveryCommandIsListed fails for a command without an entry in
// settingsRead, whose flags would not be checked, and for an entry without a command.
func TestSettings_EveryCommandIsListed(t *testing.T) {
	names := runnable(t)
	for _, name := range names {
		if _, listed := settingsRead[name]; !listed {
			t.Errorf("settingsRead has no entry for %q", name)
		}
	}
	for name := range settingsRead {
		if !slices.Contains(names, name) {
			t.Errorf("settingsRead has an entry for %q, which is no command", name)
		}
	}
}

// TestSettings_ServerFromTheEnvironmentIsNotIgnored covers the commands that read the
// data directory: AUTHLEDGER_SERVER names another ledger than the one they would open.
func TestSettings_ServerFromTheEnvironmentIsNotIgnored(t *testing.T) {
	for name, read := range settingsRead {
		isNode := name == "serve" || name == "nats serve"
		if !slices.Contains(read, "data") || slices.Contains(read, "server") || isNode {
			continue
		}
		p := newProgram(nil, io.Discard, io.Discard, func(variable string) string {
			return map[string]string{"AUTHLEDGER_SERVER": "http://127.0.0.1:1"}[variable]
		})
		c, _, err := newRootCommand(p).Find(strings.Fields(name))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.ParseFlags(nil); err != nil {
			t.Fatal(err)
		}
		if err := p.configure(c); exitCode(err) != exitUsage ||
			!strings.Contains(err.Error(), "AUTHLEDGER_SERVER") {
			t.Errorf("%s with AUTHLEDGER_SERVER: error %v, want a usage error that names the variable", name, err)
		}
	}
}

// runnable lists the commands that do something themselves.
func runnable(t *testing.T) (names []string) {
	root := newRootCommand(newProgram(nil, io.Discard, io.Discard, func(string) string { return "" }))
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		isGroup := c.HasSubCommands() && !slices.Contains([]string{"backup", "bench", "hold"}, c.Name())
		if isGroup && c.HasParent() {
			for _, sub := range c.Commands() {
				walk(sub)
			}
			return
		}
		names = append(names, commandWords(c))
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(root)
	if len(names) < 40 {
		t.Fatalf("%d commands, want at least 40: %v", len(names), names)
	}
	return names
}

// TestGlobalFlagsAreSettings checks that each persistent flag of the root command is a setting, which
// a variable or a file can set, too.
func TestGlobalFlagsAreSettings(t *testing.T) {
	root := newRootCommand(newProgram(nil, io.Discard, io.Discard, func(string) string { return "" }))
	var flags []string
	root.PersistentFlags().VisitAll(func(f *pflag.Flag) { flags = append(flags, f.Name) })
	if len(flags) != len(settings.Names()) {
		t.Errorf("got flags %v, want the settings %v", flags, settings.Names())
	}
}
