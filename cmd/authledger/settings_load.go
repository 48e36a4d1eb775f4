package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/v2"
	"github.com/spf13/pflag"
)

const (
	variablePrefix  = "AUTHLEDGER_"
	masterTextName  = variablePrefix + "MASTER_KEY"
	masterKeyFlag   = "master-key"
	masterKeyByFile = masterTextName + "_FILE"
)

// variable is the environment variable of a setting.
func variable(flag string) string {
	if flag == masterKeyFlag {
		return masterKeyByFile // without _FILE it is the key itself
	}
	return variablePrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// load completes the flags that the command line leaves out from the
// environment, and then from the file.
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

// settingNames are the names of all settings, in the order in which they are
// registered.
func settingNames() []string {
	var names []string
	all := pflag.NewFlagSet("settings", pflag.ContinueOnError)
	all.SortFlags = false
	new(settings).register(all, func(string) string { return "" })
	all.VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	return names
}

// fromEnvironment reads the variables of settings. Others that begin alike are
// no mistake: an orchestrator sets AUTHLEDGER_PORT for a service of that name.
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

// fromFile reads the configuration file. A key that is no setting is an error:
// it is a setting misspelt.
func (s *settings) fromFile(names []string, getenv func(string) string) (*koanf.Koanf, string, error) {
	k, path := koanf.New("."), s.config
	if path == "" {
		path = configFile(getenv)
	}
	err := k.Load(file.Provider(path), yaml.Parser())
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
			return nil, "", fmt.Errorf("%s: %s is no setting: see `authledger config show` for those there are", path, key)
		}
		if _, list := k.Get(key).([]any); list {
			return nil, "", fmt.Errorf("%s: %s: want one value, not a list", path, key)
		}
	}
	return k, path, nil
}

// adopt sets the flags that are not set yet from k. Their own parsing judges
// the values.
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
