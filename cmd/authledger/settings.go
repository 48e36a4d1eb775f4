package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/v2"
	"github.com/spf13/pflag"

	"authledger/adapters/client"
	"authledger/domain"
	"authledger/eventstore/durable"
)

// settings configure the program. Each setting has a flag, an environment variable
// AUTHLEDGER_<FLAG>, and a key in the configuration file, which is the name of the flag. The
// flag overrides the variable, and the variable overrides the file. An option of one command
// is not a setting and has only a flag.
type settings struct {
	// config is the path of the configuration file, YAML. Default:
	// $XDG_CONFIG_HOME/authledger/config.yaml, if that file exists. A file that the
	// setting names must exist.
	config string

	// data is the data directory of the ledger: log, keys, projections, head.
	// Default: $XDG_STATE_HOME/authledger. One process at a time can open the directory.
	data string

	// realm is the name of the realm that owns the log. Default: main. The realm of a
	// ledger never changes; opening a ledger of another realm is an error.
	realm string

	// masterKey is the path of the file with the master key, which is written as 64
	// hexadecimal digits and encrypts all keys of personal data. Default: master.key in
	// data, created with a new ledger. Danger: without the master key, personal data can't
	// be decrypted; keep a copy elsewhere. The variable is AUTHLEDGER_MASTER_KEY_FILE.
	masterKey string

	// listen is the host:port of the HTTP server of a node. Default: 127.0.0.1:8080.
	// An address that other machines can reach needs a certificate or --allow-plaintext.
	listen string

	// admin is the host:port of metrics and profiles, which need no credentials.
	// Default: none. Danger: each machine that reaches the address can read the metrics
	// and slow the node down. An address that other machines can reach needs
	// --allow-plaintext and a separate network.
	admin string

	// tlsCert is the path of the node's certificate, PEM. Default: none. The node reloads
	// the file when it changes.
	tlsCert string

	// tlsKey is the path of the private key of the certificate, PEM. Default: none.
	tlsKey string

	// allowPlaintext permits connections over the network without TLS. Default: false.
	// Danger: the network can read tokens. Use it behind a proxy that terminates TLS.
	allowPlaintext bool

	// natsListen is the host:port where the embedded NATS server accepts clients that
	// have the NATS key of a token. Default: none. An address that other machines can
	// reach needs a certificate or --allow-plaintext.
	natsListen string

	// natsURL is the URL of a separate NATS server, which replaces the embedded server:
	// gateways can publish commands there while the node is down. Default: none. The log
	// stays in data.
	natsURL string

	// natsKey is the path of the seed of this node's key at natsURL. Default: none.
	natsKey string

	// server is the URL of a node that receives the request. Default: none; the command uses
	// the data directory, or the node that runs on it.
	server string

	// context is the name of a context, which holds the URL of a node and a token: see
	// `authledger context`. Default: the context that `authledger context use` selected.
	context string

	// timeout is the maximum duration for which a command retries its request while the node
	// does not answer. Default: 1m.
	timeout time.Duration

	// node is the name of this node in the commits that it writes. Default: node.
	node string

	// logLevel is the lowest level that is logged: debug, info, warn or error.
	// Default: info for serve and nats serve, warn for the other commands.
	logLevel string

	// shutdownTimeout is the maximum duration of a shutdown, which a signal begins in any
	// command. Default: 30s. After that time the process ends at once, with exit code 4.
	shutdownTimeout time.Duration

	// json prints answers as JSON instead of tables. Default: false.
	json bool

	// wide prints every column of a table, also on a terminal that is too narrow for them.
	// Default: false.
	wide bool

	// color determines when tables have colors: auto, always or never. Default: auto, on a
	// terminal unless the variable NO_COLOR is set or TERM is dumb.
	color string

	// allowUnsynced acknowledges commands before they are on disk. Default: false.
	// Danger: a power failure loses acknowledged commands. Unsafe, for testing only:
	// every verdict is marked unsynced, and the node is never ready.
	allowUnsynced bool

	// dropDamagedKeys starts although keys of personal data are damaged, and deletes
	// those keys. Default: false. Danger: data sealed under a deleted key can never be
	// decrypted. Restore keys from a backup first.
	dropDamagedKeys bool

	// masterText is the master key as 64 hexadecimal digits. Only the variable
	// AUTHLEDGER_MASTER_KEY sets it, because lists of processes show flags.
	masterText string

	origins map[string]string // by setting: the flag, variable or file that set the value
}

// Defaults of settings that other code uses, too.
const (
	listenDefault = "127.0.0.1:8080"
	realmDefault  = "main"
	nodeDefault   = "node"
	colorAuto     = "auto"
)

// colorAlways is the value of --color for colors in a file or a pipe, too.
const colorAlways = "always"

// colorChoices are the values of --color.
var colorChoices = []string{colorAuto, colorAlways, "never"}

// flagSet defines the flags of a command.
type flagSet = *pflag.FlagSet

func (s *settings) register(f flagSet, getenv func(string) string) {
	f.StringVar(&s.config, "config", "", "configuration `FILE`, YAML (default $XDG_CONFIG_HOME/authledger/config.yaml if it exists)")
	f.StringVar(&s.data, "data", stateDir(getenv), "data `DIR` of the ledger; one process at a time can open it")
	f.StringVar(&s.realm, "realm", realmDefault, "`NAME` of the realm that owns the ledger; never changes")
	f.StringVar(&s.masterKey, "master-key", "", "`FILE` of the master key, which encrypts the keys of personal data (default master.key in --data)")
	f.StringVar(&s.listen, "listen", listenDefault, "`ADDRESS` to listen on for HTTP, host:port")
	f.StringVar(&s.admin, "admin", "", "`ADDRESS` to listen on for metrics and profiles, without credentials (default none)")
	f.StringVar(&s.tlsCert, "tls-cert", "", "`FILE` of the node's certificate, PEM; reloaded when it changes")
	f.StringVar(&s.tlsKey, "tls-key", "", "`FILE` of the private key of the certificate, PEM")
	f.BoolVar(&s.allowPlaintext, "allow-plaintext", false, "permit connections over the network without TLS, for a proxy that terminates TLS")
	f.StringVar(&s.natsListen, "nats-listen", "", "`ADDRESS` to listen on for NATS clients, host:port (default none)")
	f.StringVar(&s.natsURL, "nats-url", "", "`URL` of a separate NATS server that replaces the embedded server (default none)")
	f.StringVar(&s.natsKey, "nats-key", "", "`FILE` of the seed of this node's NATS key at --nats-url")
	f.StringVar(&s.server, "server", "", "`URL` of a node that receives the request (default none: the command uses --data)")
	f.StringVar(&s.context, "context", "", "`NAME` of a context with a node and a token (default the selected context, see authledger context)")
	f.DurationVar(&s.timeout, "timeout", client.DefaultPatience, "maximum `DURATION` of retries while a node does not answer")
	f.StringVar(&s.node, "node", nodeDefault, "`NAME` of this node in the commits that it writes")
	f.StringVar(&s.logLevel, "log-level", "", "lowest `LEVEL` to log: debug, info, warn, error (default info for serve and nats serve, else warn)")
	f.DurationVar(&s.shutdownTimeout, "shutdown-timeout", shutdownDefault, "maximum `DURATION` of a shutdown, after which the process ends with exit code 4")
	f.BoolVar(&s.json, "json", false, "print JSON instead of tables")
	f.BoolVar(&s.wide, "wide", false, "print every column of a table, also on a narrow terminal")
	f.StringVar(&s.color, "color", colorAuto, "`WHEN` tables have colors: auto, always, never (auto: on a terminal, unless NO_COLOR is set)")
	f.BoolVar(&s.allowUnsynced, "allow-unsynced", false, "unsafe, for testing only: acknowledge commands before they are on disk")
	f.BoolVar(&s.dropDamagedKeys, "drop-damaged-keys", false, "delete damaged keys; personal data under them is lost for ever")
	f.Lookup("drop-damaged-keys").Hidden = true
}

// stateDir returns the default data directory.
func stateDir(getenv func(string) string) string {
	return userDir(getenv, "XDG_STATE_HOME", ".local", "state")
}

// configFile returns the path of the default configuration file.
func configFile(getenv func(string) string) string {
	return filepath.Join(userDir(getenv, "XDG_CONFIG_HOME", ".config"), "config.yaml")
}

// userDir returns the directory of the program below the directory that the variable names,
// or below the fallback in the home directory. The XDG Base Directory Specification
// requires that relative paths are ignored.
func userDir(getenv func(string) string, variable string, fallback ...string) string {
	base := getenv(variable)
	if !filepath.IsAbs(base) {
		base = filepath.Join(append([]string{getenv("HOME")}, fallback...)...)
	}
	return filepath.Join(base, "authledger")
}

const (
	variablePrefix  = "AUTHLEDGER_"
	masterTextName  = variablePrefix + "MASTER_KEY"
	masterKeyFlag   = "master-key"
	masterKeyByFile = masterTextName + "_FILE"
)

// variable returns the environment variable of a setting.
func variable(flag string) string {
	if flag == masterKeyFlag {
		return masterKeyByFile // the variable without _FILE holds the key itself
	}
	return variablePrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// load sets the flags that the command line does not set from the environment, and then from
// the configuration file.
func (s *settings) load(flags flagSet, getenv func(string) string) error {
	s.masterText = getenv(masterTextName)
	s.origins = make(map[string]string)
	names := settingNames()
	environment, err := fromEnvironment(names, getenv)
	if err != nil {
		return err
	}
	if err := s.adopt(flags, names, environment, variable); err != nil {
		return err
	}
	written, path, err := s.fromFile(names, getenv)
	if err != nil {
		return err
	}
	return s.adopt(flags, names, written, func(name string) string { return path + ": " + name })
}

// settingNames returns the names of all settings, in order of registration.
func settingNames() []string {
	var names []string
	all := pflag.NewFlagSet("settings", pflag.ContinueOnError)
	all.SortFlags = false
	new(settings).register(all, func(string) string { return "" })
	all.VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	return names
}

// fromEnvironment reads the variables of settings. It ignores other variables AUTHLEDGER_…,
// because an orchestrator sets such variables: AUTHLEDGER_PORT, for example, for a service
// with the name authledger. [checkEnvironment] reports the unknown ones.
func fromEnvironment(names []string, getenv func(string) string) (*koanf.Koanf, error) {
	k := koanf.New(".")
	flagOf := make(map[string]string)
	for _, name := range names {
		flagOf[variable(name)] = name
	}
	return k, k.Load(env.Provider(".", env.Opt{
		Prefix: variablePrefix,
		EnvironFunc: func() (set []string) {
			for name := range flagOf {
				if value := getenv(name); value != "" {
					set = append(set, name+"="+value)
				}
			}
			return set
		},
		TransformFunc: func(name, value string) (string, any) { return flagOf[name], value },
	}), nil)
}

// fromFile reads the configuration file. An unknown key is an error, because it is probably a
// misspelt setting.
func (s *settings) fromFile(names []string, getenv func(string) string) (*koanf.Koanf, string, error) {
	k, path := koanf.New("."), s.config
	if path == "" {
		path = configFile(getenv)
	}
	err := durable.CheckRegular(path)
	if err == nil {
		err = k.Load(file.Provider(path), yaml.Parser())
	}
	if errors.Is(err, fs.ErrNotExist) && s.config == "" {
		return k, "", nil
	}
	if err != nil {
		return nil, "", fmt.Errorf("read the configuration %s: %w", path, err)
	}
	s.config = path
	known := make(map[string]bool)
	for _, name := range names {
		known[name] = name != "config"
	}
	for _, key := range k.Keys() {
		if !known[key] {
			return nil, "", fmt.Errorf("%s: unknown setting %s%s", path, key, orSee(domain.DidYouMean(key, names), "see `authledger config show` for all settings"))
		}
		if _, list := k.Get(key).([]any); list {
			return nil, "", fmt.Errorf("%s: %s: invalid value, want one value, not a list", path, key)
		}
	}
	return k, path, nil
}

// adopt sets the flags that have no value yet from k. The flags parse and check the values.
func (s *settings) adopt(flags flagSet, names []string, k *koanf.Koanf, origin func(name string) string) error {
	for _, name := range names {
		switch {
		case s.origins[name] != "":
		case flags.Changed(name):
			s.origins[name] = "--" + name
		case k.Exists(name):
			if err := flags.Set(name, fmt.Sprint(k.Get(name))); err != nil {
				return fmt.Errorf("%s: %w", origin(name), err)
			}
			s.origins[name] = origin(name)
		}
	}
	return nil
}
