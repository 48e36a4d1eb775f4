package settings

import (
	"path/filepath"

	"github.com/spf13/pflag"

	"authledger/adapters/client"
)

// Register defines a flag for each setting.
func (s *Settings) Register(f *pflag.FlagSet, getenv func(string) string) {
	f.StringVar(&s.Config, "config", "", "configuration `FILE`, YAML (default $XDG_CONFIG_HOME/authledger/config.yaml if it exists)")
	f.StringVar(&s.Data, "data", stateDir(getenv), "data `DIR` of the ledger; one process at a time can open it")
	f.StringVar(&s.Realm, "realm", RealmDefault, "`NAME` of the realm that owns the ledger; never changes")
	f.BoolVar(&s.Pseudonymous, "pseudonymous", false, "create a ledger whose records name persons by pseudonyms; never changes")
	f.StringVar(&s.MasterKey, "master-key", "", "`FILE` of the master key, which encrypts the keys of personal data (default master.key in --data)")
	f.StringVar(&s.Listen, "listen", listenDefault, "`ADDRESS` to listen on for HTTP, host:port")
	f.StringVar(&s.Admin, "admin", "", "`ADDRESS` to listen on for metrics and profiles, without credentials (default none)")
	f.StringVar(&s.TLSCert, "tls-cert", "", "`FILE` of the node's certificate, PEM; reloaded when it changes")
	f.StringVar(&s.TLSKey, "tls-key", "", "`FILE` of the private key of the certificate, PEM")
	f.BoolVar(&s.AllowPlaintext, "allow-plaintext", false, "permit connections over the network without TLS, for a proxy that terminates TLS")
	f.StringVar(&s.NATSListen, "nats-listen", "", "`ADDRESS` to listen on for NATS clients, host:port (default none)")
	f.StringVar(&s.NATSURL, "nats-url", "", "`URL` of a separate NATS server that replaces the embedded server (default none)")
	f.StringVar(&s.NATSKey, "nats-key", "", "`FILE` of the seed of this node's NATS key at --nats-url")
	f.StringVar(&s.Server, "server", "", "`URL` of a node that receives the request (default none: the command uses --data)")
	f.StringVar(&s.Context, "context", "", "`NAME` of a context with a node and a token (default the selected context, see authledger context)")
	f.DurationVar(&s.Timeout, "timeout", client.DefaultPatience, "maximum `DURATION` of retries while a node does not answer")
	f.StringVar(&s.Node, "node", NodeDefault, "`NAME` of this node in the commits that it writes")
	f.StringVar(&s.LogLevel, "log-level", "", "lowest `LEVEL` to log: debug, info, warn, error (default info for serve and nats serve, else warn)")
	f.DurationVar(&s.ShutdownTimeout, "shutdown-timeout", ShutdownDefault, "maximum `DURATION` of a shutdown, after which the process ends with exit code 4")
	f.BoolVar(&s.JSON, "json", false, "print JSON instead of tables")
	f.BoolVar(&s.Wide, "wide", false, "print every column of a table, also on a narrow terminal")
	f.StringVar(&s.Color, "color", ColorAuto, "`WHEN` tables have colors: auto, always, never (auto: on a terminal, unless NO_COLOR is set)")
	f.BoolVar(&s.AllowUnsynced, "allow-unsynced", false, "unsafe, for testing only: acknowledge commands before they are on disk")
	f.BoolVar(&s.DropDamagedKeys, "drop-damaged-keys", false, "delete damaged keys; personal data under them is lost for ever")
	f.Lookup("drop-damaged-keys").Hidden = true
}

// Names returns the names of all settings, in order of registration.
func Names() []string {
	var names []string
	all := pflag.NewFlagSet("settings", pflag.ContinueOnError)
	all.SortFlags = false
	new(Settings).Register(all, func(string) string { return "" })
	all.VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	return names
}

// stateDir returns the default data directory.
func stateDir(getenv func(string) string) string {
	return UserDir(getenv, "XDG_STATE_HOME", ".local", "state")
}

// configFile returns the path of the default configuration file.
func configFile(getenv func(string) string) string {
	return filepath.Join(UserDir(getenv, "XDG_CONFIG_HOME", ".config"), "config.yaml")
}

// UserDir returns the directory of the program below the directory that the variable names,
// or below the fallback in the home directory. The XDG Base Directory Specification
// requires that relative paths are ignored.
func UserDir(getenv func(string) string, variable string, fallback ...string) string {
	base := getenv(variable)
	if !filepath.IsAbs(base) {
		base = filepath.Join(append([]string{getenv("HOME")}, fallback...)...)
	}
	return filepath.Join(base, "authledger")
}
