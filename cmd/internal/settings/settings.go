// Package settings reads the settings of the program from the command line, the environment and
// a configuration file.
//
//	flag > environment variable > configuration file > default
//
// The package checks the form of a value only. Each command checks the values that it uses, and
// the program rejects a flag that a command does not use.
//
// # Decisions
//
//   - Each setting has one name in the three places, so that an operator can move a setting from a
//     command line to a file. Given up: sections in the file.
//   - An unknown key of the file and an unknown variable AUTHLEDGER_… are errors, because they are
//     probably misspelt settings. Given up: a file that serves several versions of the program.
//   - Secrets have a variable and no flag, because lists of processes show flags.
package settings

import "time"

// Settings configure the program. Each setting has a flag, an environment variable
// AUTHLEDGER_<FLAG>, and a key in the configuration file, which is the name of the flag. The
// flag overrides the variable, and the variable overrides the file. An option of one command
// is not a setting and has only a flag.
type Settings struct {
	// Config is the path of the configuration file, YAML. Default:
	// $XDG_CONFIG_HOME/authledger/config.yaml, if that file exists. A file that the
	// setting names must exist.
	Config string

	// Data is the data directory of the ledger: log, keys, projections, head.
	// Default: $XDG_STATE_HOME/authledger. One process at a time can open the directory.
	Data string

	// Realm is the name of the realm that owns the log. Default: main. The realm of a
	// ledger never changes; opening a ledger of another realm is an error.
	Realm string

	// Pseudonymous creates a ledger whose records name each person by a pseudonym, and seal
	// the name. Default: false; the records contain plain names. It holds from the creation
	// of a ledger on: with an existing ledger of plain names, it is an error.
	Pseudonymous bool

	// MasterKey is the path of the file with the master key, which is written as 64
	// hexadecimal digits and encrypts all keys of personal data. Default: master.key in
	// data, created with a new ledger. Danger: without the master key, personal data can't
	// be decrypted; keep a copy elsewhere. The variable is AUTHLEDGER_MASTER_KEY_FILE.
	MasterKey string

	// Listen is the host:port of the HTTP server of a node. Default: 127.0.0.1:8080.
	// An address that other machines can reach needs a certificate or --allow-plaintext.
	Listen string

	// Admin is the host:port of metrics and profiles, which need no credentials.
	// Default: none. Danger: each machine that reaches the address can read the metrics
	// and slow the node down. An address that other machines can reach needs
	// --allow-plaintext and a separate network.
	Admin string

	// TLSCert is the path of the node's certificate, PEM. Default: none. The node reloads
	// the file when it changes.
	TLSCert string

	// TLSKey is the path of the private key of the certificate, PEM. Default: none.
	TLSKey string

	// AllowPlaintext permits connections over the network without TLS. Default: false.
	// Danger: the network can read tokens. Use it behind a proxy that terminates TLS.
	AllowPlaintext bool

	// NATSListen is the host:port where the embedded NATS server accepts clients that
	// have the NATS key of a token. Default: none. An address that other machines can
	// reach needs a certificate or --allow-plaintext.
	NATSListen string

	// NATSURL is the URL of a separate NATS server, which replaces the embedded server:
	// gateways can publish commands there while the node is down. Default: none. The log
	// stays in data.
	NATSURL string

	// NATSKey is the path of the seed of this node's key at natsURL. Default: none.
	NATSKey string

	// Server is the URL of a node that receives the request. Default: none; the command uses
	// the data directory, or the node that runs on it.
	Server string

	// Context is the name of a context, which holds the URL of a node and a token: see
	// `authledger context`. Default: the context that `authledger context use` selected.
	Context string

	// Timeout is the maximum duration for which a command retries its request while the node
	// does not answer. Default: 1m.
	Timeout time.Duration

	// Node is the name of this node in the commits that it writes. Default: node.
	Node string

	// LogLevel is the lowest level that is logged: debug, info, warn or error.
	// Default: info for serve and nats serve, warn for the other commands.
	LogLevel string

	// ShutdownTimeout is the maximum duration of a shutdown, which a signal begins in any
	// command. Default: 30s. After that time the process ends at once, with exit code 4.
	ShutdownTimeout time.Duration

	// JSON prints answers as JSON instead of tables. Default: false.
	JSON bool

	// Wide prints every column of a table, also on a terminal that is too narrow for them.
	// Default: false.
	Wide bool

	// Color determines when tables have colors: auto, always or never. Default: auto, on a
	// terminal unless the variable NO_COLOR is set or TERM is dumb.
	Color string

	// AllowUnsynced acknowledges commands before they are on disk. Default: false.
	// Danger: a power failure loses acknowledged commands. Unsafe, for testing only:
	// every verdict is marked unsynced, and the node is never ready.
	AllowUnsynced bool

	// DropDamagedKeys starts although keys of personal data are damaged, and deletes
	// those keys. Default: false. Danger: data sealed under a deleted key can never be
	// decrypted. Restore keys from a backup first.
	DropDamagedKeys bool

	// MasterText is the master key as 64 hexadecimal digits. Only the variable
	// AUTHLEDGER_MASTER_KEY sets it, because lists of processes show flags.
	MasterText string

	// NextMasterText is the master key to which `keys rotate` changes, in the same form. Only
	// the variable AUTHLEDGER_NEXT_MASTER_KEY sets it. If it is empty, the command reads the
	// file of the master key with the suffix .next.
	NextMasterText string

	origins map[string]string // by setting: the flag, variable or file that set the value
}

// Defaults of settings that other code uses, too.
const (
	RealmDefault    = "main"
	NodeDefault     = "node"
	ShutdownDefault = 30 * time.Second // of --shutdown-timeout
)

const listenDefault = "127.0.0.1:8080"

// ColorAuto is the default of --color: colors on a terminal.
const ColorAuto = "auto"

// ColorAlways is the value of --color for colors in a file or a pipe, too.
const ColorAlways = "always"

// ColorChoices are the values of --color.
var ColorChoices = []string{ColorAuto, ColorAlways, "never"}
