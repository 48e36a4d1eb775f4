package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestHelpSuggestsTheNearestWord has a row for each kind of word that a command line contains. The
// second row of a kind has no similar word.
func TestHelpSuggestsTheNearestWord(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", dir)
	t.Setenv("AUTHLEDGER_DATA", filepath.Join(dir, "ledger"))
	file := filepath.Join(dir, "authledger", "contexts.json")
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	contexts := `{"contexts":{"prod":{"server":"http://127.0.0.1:1"}}}`
	if err := os.WriteFile(file, []byte(contexts), 0o600); err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(dir, "config.yaml")
	if err := os.WriteFile(config, []byte("lisen: 127.0.0.1:1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		kind, line, want string
		code             int
	}{
		{"command", "shwo lockout alice", `unknown command "shwo", did you mean "show"?`, exitUsage},
		{"command", "shwo alice --as-of 3", `unknown command "shwo", did you mean "show"?`, exitUsage},
		{"command", "zzz", "unknown command \"zzz\": see `authledger --help`", exitUsage},
		{"subcommand", "show lokout alice", `unknown command "lokout", did you mean "lockout"?`, exitUsage},
		{"subcommand", "policy zzz", "unknown command \"zzz\": see `authledger policy --help`", exitUsage},
		{"help", "help shwo", `unknown command "shwo", did you mean "show"?`, exitUsage},
		{"help", "help do lgoin.begin", `command type "lgoin.begin", did you mean "login.begin"?`, exitUsage},
		{"type", "do lgoin user=a", `no such command: lgoin, did you mean "login.begin"?`, exitFailed},
		{"type", "do lgoin --help", `unknown command type "lgoin", did you mean "login.begin"?`, exitUsage},
		{"type", "do zzz --help", "unknown command type \"zzz\": see `authledger do --help`", exitUsage},
		{"type", "replay --type login.faild", `did you mean "login.failed"?`, exitUsage},
		{"member", "do login.report usr=a outcome=failed", `data.usr: unknown field, did you mean "user"?`,
			exitFailed},
		{"value", "do login.begin user=a attempt=b platform=twss",
			`ibkr_mobile_android, did you mean "tws"?`, exitFailed},
		{"value", "do sharing.request sharing=s requester=a owner=b device=d review=tru",
			`want true or false, did you mean "true"?`, exitFailed},
		{"flag", "show lockout alice --assof 3", `unknown flag: --assof, did you mean "--as-of"?`, exitUsage},
		{"flag", "show lockout alice --lisen x", "unknown flag: --lisen: see `authledger show lockout --help`",
			exitUsage},
		{"role", "token add x --role gatway", `--role "gatway": unknown role, did you mean "gateway"?`, exitUsage},
		{"role", "token add x --role zzz", `--role "zzz": unknown role: accepted: `, exitUsage},
		{"preset", "policy show --preset posix", `unknown preset, did you mean "posix-host@1"?`, exitUsage},
		{"preset", "policy show --preset zzz", `unknown preset: accepted: `, exitUsage},
		{"context", "show lockouts --context prd", `unknown context "prd", did you mean "prod"?`, exitUsage},
		{"context", "context use zzz", "unknown context \"zzz\": add it with", exitUsage},
		{"choice", "stats --group typ", `--group "typ": invalid value, want one of `, exitUsage},
		{"choice", "stats --group typ", `, did you mean "type"?`, exitUsage},
		{"format", "import --from sssd x", `did you mean "sshd"?`, exitUsage},
		{"level", "version --log-level wrn", `did you mean "warn"?`, exitUsage},
		{"setting", "show lockouts --config " + config, `unknown setting lisen, did you mean "listen"?`, exitUsage},
	} {
		var errs strings.Builder
		code := run(t.Context(), strings.Fields(c.line), strings.NewReader(""), &errs, &errs, os.Getenv)
		if code != c.code || !strings.Contains(errs.String(), c.want) {
			t.Errorf("%s: %s: got exit code %d and %q, want %d and %q", c.kind, c.line, code, errs.String(), c.code,
				c.want)
		}
	}
}

// TestHelpNamesTheCommandsOfAFlag checks the errors of flags that a command can't use.
func TestHelpNamesTheCommandsOfAFlag(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{"show lockout alice --listen :1", "does not use --listen: leave it out, it is for demo, health, serve"},
		{"import events.jsonl --server http://127.0.0.1:1",
			"it works with the data directory of this machine only"},
		{"version --data x", "does not use --data: leave it out"},
		{"show sources --at 2026-03-02T15:09:00Z", "does not accept --at: its counts are those of the whole log"},
		{"stats --as-of 7", "counts are those of the whole log, select the past with --from and --to"},
		{"policy show --preset ibkr-sls --as-of 7", "a preset does not change with time"},
		{"replay --follow --as-of 7", "--follow has no end"},
		{"replay --node n", "it only reads the data directory without --follow"},
	} {
		if _, errs := helped(t, c.line, exitUsage); !strings.Contains(errs, c.want) {
			t.Errorf("%s: got %q, want %q", c.line, errs, c.want)
		}
	}
}
