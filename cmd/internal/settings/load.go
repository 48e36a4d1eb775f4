package settings

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/v2"
	"github.com/spf13/pflag"

	"authledger/cmd/internal/usage"
	"authledger/domain"
	"authledger/eventstore/durable"
	"authledger/eventstore/seal"
)

// Load sets the flags that the command line does not set from the environment, and then from
// the configuration file.
func (s *Settings) Load(flags *pflag.FlagSet, getenv func(string) string) error {
	for variable, text := range map[string]*string{MasterKeyVariable: &s.MasterText, NextMasterKeyVariable: &s.NextMasterText} {
		if *text = getenv(variable); *text == "" {
			continue
		}
		if _, err := seal.ParseMaster(*text); err != nil {
			return usage.Errorf("%s: %w", variable, err)
		}
	}
	s.origins = make(map[string]string)
	names := Names()
	environment, err := fromEnvironment(names, getenv)
	if err != nil {
		return err
	}
	if err := s.adopt(flags, names, environment, Variable); err != nil {
		return err
	}
	written, path, err := s.fromFile(names, getenv)
	if err != nil {
		return err
	}
	return s.adopt(flags, names, written, func(name string) string { return path + ": " + name })
}

// fromEnvironment reads the variables of settings. It ignores other variables AUTHLEDGER_…,
// because an orchestrator sets such variables: AUTHLEDGER_PORT, for example, for a service
// with the name authledger. [CheckEnvironment] reports the unknown ones.
func fromEnvironment(names []string, getenv func(string) string) (*koanf.Koanf, error) {
	k := koanf.New(".")
	flagOf := make(map[string]string)
	for _, name := range names {
		flagOf[Variable(name)] = name
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
func (s *Settings) fromFile(names []string, getenv func(string) string) (*koanf.Koanf, string, error) {
	k, path := koanf.New("."), s.Config
	if path == "" {
		path = configFile(getenv)
	}
	err := durable.CheckRegular(path)
	if err == nil {
		err = k.Load(file.Provider(path), yaml.Parser())
	}
	if errors.Is(err, fs.ErrNotExist) && s.Config == "" {
		return k, "", nil
	}
	if err != nil {
		return nil, "", fmt.Errorf("read the configuration %s: %w", path, err)
	}
	s.Config = path
	known := make(map[string]bool)
	for _, name := range names {
		known[name] = name != "config"
	}
	for _, key := range k.Keys() {
		if !known[key] {
			return nil, "", fmt.Errorf("%s: unknown setting %s%s", path, key, usage.OrSee(domain.DidYouMean(key, names), "see `authledger config show` for all settings"))
		}
		if _, list := k.Get(key).([]any); list {
			return nil, "", fmt.Errorf("%s: %s: invalid value, want one value, not a list", path, key)
		}
	}
	return k, path, nil
}

// adopt sets the flags that have no value yet from k. The flags parse and check the values.
func (s *Settings) adopt(flags *pflag.FlagSet, names []string, k *koanf.Koanf, origin func(name string) string) error {
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

// Origin is the kind of the place that set a setting.
type Origin int

// The origins of settings. ByDefault is the origin of a setting that no place sets.
const (
	ByDefault Origin = iota
	ByFlag
	ByVariable
	ByFile
)

// From returns the flag, the variable, or the file with the key that set a setting. It returns
// "" for a setting that no place sets.
func (s *Settings) From(name string) string { return s.origins[name] }

// Origin returns the kind of the place that set a setting.
func (s *Settings) Origin(name string) Origin {
	switch from := s.origins[name]; from {
	case "":
		return ByDefault
	case "--" + name:
		return ByFlag
	case Variable(name):
		return ByVariable
	}
	return ByFile
}
