package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"authledger/domain"
	"authledger/domain/operations"
	"authledger/eventstore/wire"
)

// summary returns the short help of a command: the summary of its operation.
func summary(operation string) string { return operations.Find(operation).Summary }

// flagText is the text of the flag of a parameter. [operations.Operation.Parse] reads the text.
type flagText struct {
	parameter *operations.Parameter
	text      string
	isSet     bool
}

// errRepeatedFlag reports a flag that occurs again. A parameter has one value, also over HTTP.
var errRepeatedFlag = errors.New("the flag has a value already, want one value")

func (f *flagText) String() string { return f.text }

func (f *flagText) Set(text string) error {
	if f.isSet {
		return errRepeatedFlag
	}
	f.text, f.isSet = text, true
	return nil
}

// Type returns the type that the help shows for a flag without a placeholder.
func (f *flagText) Type() string {
	switch f.parameter.Type {
	case operations.Boolean:
		return "bool"
	case operations.Number:
		return "int"
	}
	return "value"
}

// parameterFlags are the flags of parameters of one operation.
type parameterFlags struct {
	set   *pflag.FlagSet
	names []string // of the parameters
}

// shownParameters are the parameters of the commands that show state. A command reads the
// data directory itself, so it waits for no record, and the ledger records no read.
var shownParameters = []string{
	operations.Prefix, operations.Locked, operations.HasDevice, operations.ActiveSince, operations.Class, operations.Kind, operations.State,
	operations.User, operations.Account, operations.Day, operations.MinUSD,
	operations.Limit, operations.Order, operations.After, operations.ByBucket, operations.At, operations.AsOf}

// register defines a flag for each of the named parameters that the operation accepts.
func (p *parameterFlags) register(set *pflag.FlagSet, operation string, names ...string) {
	p.set, p.names = set, nil
	for _, name := range names {
		parameter := operations.Find(operation).Parameter(name)
		if parameter == nil || parameter.In == operations.InPath {
			continue
		}
		value := &flagText{parameter: parameter}
		if parameter.Default != 0 {
			value.text = fmt.Sprint(parameter.Default)
		}
		flag := set.VarPF(value, parameter.Flag(), "", parameterUsage(parameter))
		if parameter.Type == operations.Boolean {
			flag.NoOptDefVal = "true"
		}
		p.names = append(p.names, name)
	}
}

// parse returns the parameters of a request for an operation: the argument of the command is
// the parameter in the path. The usage error for an invalid value names the flag.
func (p *parameterFlags) parse(operation, argument string) (operations.Values, error) {
	o, query := operations.Find(operation), make(map[string][]string)
	for _, name := range p.names {
		flag := p.set.Lookup((&operations.Parameter{Name: name}).Flag())
		if !flag.Changed {
			continue
		}
		if of := o.Parameter(name); of == nil || of.In == operations.InPath {
			return operations.Values{}, usagef("--%s selects items of the realm: add --all and omit the argument", flag.Name)
		}
		query[name] = []string{flag.Value.String()}
	}
	values, err := o.Parse(func(string) string { return argument }, query, wire.ReadTime)
	var wrong *operations.ParameterError
	if !errors.As(err, &wrong) {
		return values, err
	}
	parameter := o.Parameter(wrong.Parameter)
	if parameter.In == operations.InPath {
		return values, usagef("%s %q: %w", parameter.Placeholder, argument, wrong.Err)
	}
	typed := p.flag(parameter).Value.String()
	return values, usagef("--%s %q: %w%s", parameter.Flag(), typed, wrong.Err, domain.DidYouMean(typed, parameter.Choices))
}

func (p *parameterFlags) flag(of *operations.Parameter) *pflag.Flag { return p.set.Lookup(of.Flag()) }

// parameterUsage returns the usage text of the flag of a parameter.
func parameterUsage(p *operations.Parameter) string {
	text := strings.TrimSuffix(p.Description, ".")
	text = strings.ToLower(text[:1]) + text[1:]
	if p.Type == operations.Number {
		text += fmt.Sprintf(", %d to %d", p.Minimum, p.Maximum)
	}
	if p.Placeholder == "" {
		return text
	}
	return "`" + p.Placeholder + "`: " + text
}
