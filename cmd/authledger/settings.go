package main

import (
	"path/filepath"

	"github.com/spf13/pflag"
)

// settings say where the ledger is and how the program behaves. Each has a
// flag, an environment variable AUTHLEDGER_<FLAG>, and a key in the
// configuration file, which is the flag's name; the first that is there wins,
// in this order. What belongs to one command only is no setting and has a flag
// alone.
type settings struct {
	// config is the configuration file, YAML. Default:
	// $XDG_CONFIG_HOME/authledger/config.yaml, if there is one. A file that is
	// named must be there.
	config string

	// data is the directory of the ledger: log, keys, projections, head.
	// Default: $XDG_STATE_HOME/authledger. One process uses it at a time.
	data string

	// realm is whose log it is. Default: main. It is fixed when the ledger is
	// made; another one is refused.
	realm string

	// masterKey is the file of the key that wraps all keys of personal data,
	// 64 hexadecimal digits. Default: master.key in data, made with a new
	// ledger. Danger: without it no personal data can be read again; keep a
	// copy elsewhere. The variable is AUTHLEDGER_MASTER_KEY_FILE.
	masterKey string

	// listen is the host:port where a node answers. Default: 127.0.0.1:8080.
	// Beyond this machine it needs a certificate, or --allow-plaintext.
	listen string

	// admin is the host:port of metrics and profiles, without credentials.
	// Default: none. Danger: whoever reaches it sees how the node is doing, and
	// can slow it down; it is for this machine, or for a network of its own.
	admin string
	// tlsCert is the file of the certificate that the node shows, PEM. Default:
	// none. It is read again when it changes.
	tlsCert string
	// tlsKey is the file of the certificate's key, PEM. Default: none.
	tlsKey string
	// allowPlaintext lets a node answer over the network without TLS. Default:
	// false. Danger: tokens can be read on the way; for a proxy that ends TLS.
	allowPlaintext bool
	// natsListen is the host:port where the embedded NATS server lets others in, who
	// hold the key of a token. Default: none. Beyond this machine it needs a
	// certificate, or --allow-plaintext.
	natsListen string
	// natsURL is the NATS server that is a process of its own, through which a node
	// is reached instead: gateways leave commands there also while the node is down.
	// Default: none. The log stays in data.
	natsURL string
	// natsKey is the file of the seed of this node's key at natsURL. Default: none.
	natsKey string
	// server is the URL of a node to ask. Default: http:// and listen.
	server string

	// node is this node's name, in each commit that it writes. Default: node.
	node string

	// logLevel is the least that is logged: debug, info, warn or error.
	// Default: info for serve, warn for everything else.
	logLevel string

	// json makes answers JSON instead of tables. Default: false.
	json bool

	// allowUnsynced answers before the disk has the bytes. Default: false.
	// Danger: acknowledged commands are lost with the power. For play; every
	// verdict says so, and a node is never ready.
	allowUnsynced bool

	// dropDamagedKeys gives up damaged keys of personal data instead of
	// refusing to start. Default: false. Danger: what was sealed under them
	// can't be read any more, ever. Restore keys from a backup first.
	dropDamagedKeys bool

	// masterText is the master key itself, as hexadecimal digits, from
	// AUTHLEDGER_MASTER_KEY alone: flags show in lists of processes, and files
	// are what masterKey is for.
	masterText string

	origins map[string]string // of each setting: where its value came from
}

// Defaults that other places name too.
const (
	listenDefault = "127.0.0.1:8080"
	realmDefault  = "main"
	nodeDefault   = "node"
)

// flagSet is what defines a command's flags.
type flagSet = *pflag.FlagSet

func (s *settings) register(f flagSet, getenv func(string) string) {
	f.StringVar(&s.config, "config", "", "configuration `FILE`, YAML (default $XDG_CONFIG_HOME/authledger/config.yaml if there is one)")
	f.StringVar(&s.data, "data", stateDir(getenv), "`DIR` of the ledger; one process at a time")
	f.StringVar(&s.realm, "realm", realmDefault, "`NAME` of whose log it is, fixed when the ledger is made")
	f.StringVar(&s.masterKey, "master-key", "", "`FILE` of the key that wraps the keys of personal data (default master.key in --data)")
	f.StringVar(&s.listen, "listen", listenDefault, "`ADDRESS` where a node answers")
	f.StringVar(&s.admin, "admin", "", "`ADDRESS` of metrics and profiles, without credentials (default none)")
	f.StringVar(&s.tlsCert, "tls-cert", "", "`FILE` of the certificate that the node shows, PEM; read again when it changes")
	f.StringVar(&s.tlsKey, "tls-key", "", "`FILE` of the certificate's key, PEM")
	f.BoolVar(&s.allowPlaintext, "allow-plaintext", false, "answer over the network without TLS, behind a proxy that ends it")
	f.StringVar(&s.natsListen, "nats-listen", "", "`ADDRESS` where the embedded NATS server lets others in (default none)")
	f.StringVar(&s.natsURL, "nats-url", "", "`URL` of a NATS server of its own process, through which the node is reached (default none)")
	f.StringVar(&s.natsKey, "nats-key", "", "`FILE` of the seed of this node's key at --nats-url")
	f.StringVar(&s.server, "server", "", "`URL` of a node to ask (default http:// and --listen)")
	f.StringVar(&s.node, "node", nodeDefault, "`NAME` of this node in the commits that it writes")
	f.StringVar(&s.logLevel, "log-level", "", "least `LEVEL` to log: debug, info, warn, error (default info for serve, else warn)")
	f.BoolVar(&s.json, "json", false, "answer in JSON")
	f.BoolVar(&s.allowUnsynced, "allow-unsynced", false, "for play: answer before the disk has it, and lose it with the power")
	f.BoolVar(&s.dropDamagedKeys, "drop-damaged-keys", false, "give up damaged keys, and the personal data under them for ever")
	f.Lookup("drop-damaged-keys").Hidden = true
}

// stateDir is where the ledger lies unless another place is named.
func stateDir(getenv func(string) string) string {
	return userDir(getenv, "XDG_STATE_HOME", ".local", "state")
}

// configFile is the configuration file that need not be there.
func configFile(getenv func(string) string) string {
	return filepath.Join(userDir(getenv, "XDG_CONFIG_HOME", ".config"), "config.yaml")
}

// userDir is the program's directory under one of the user's own. The
// specification of these variables has relative paths ignored.
func userDir(getenv func(string) string, variable string, fallback ...string) string {
	base := getenv(variable)
	if !filepath.IsAbs(base) {
		base = filepath.Join(append([]string{getenv("HOME")}, fallback...)...)
	}
	return filepath.Join(base, "authledger")
}
