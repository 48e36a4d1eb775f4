package console

import (
	"net/http"
	"net/url"
	"strings"

	"authledger/domain"
	"authledger/domain/access"
)

// Paths of the pages on which people act.
const (
	workPath   = "/work"
	actPath    = workPath + "/{act}"
	submitPath = actPath + "/submit"
)

// act is a command or an operation that a person submits on pages: a form, a confirmation and
// the verdict. The catalogues have the texts of the act under its name. The zero act belongs to no
// role.
type act struct {
	name   string       // in the path and in the keys of texts
	right  access.Right // to submit the command, or to run the operation
	reads  string       // operation whose answer the pages of the act show
	fields []field      // the fields of the path come first
	choice string       // name of the field on which the texts of the confirmation depend, "" for none

	// about adds the object of the act and its present state to the page. It returns
	// errNoObject if the object does not exist.
	about func(*visit, *actBody) error

	// state returns the state of the object on which the meaning of a confirmation depends. The form
	// contains it in the field stateField. It is nil for an act whose confirmation is never outdated.
	state func(v *visit, values form) (string, error)

	// check returns the first error of values that are not members of a command as they are. It is
	// nil for an act without such values.
	check func(values form) *domain.Rejection

	// command returns the command of the form. It is nil for an act with the function run.
	command func(v *visit, values form) domain.CommandData

	// run runs an operation of the API that is no command.
	run func(v *visit, values form, o *outcome) error

	// finish adds the next step or a secret to the page of an accepted act. It is nil for an act
	// without both.
	finish func(v *visit, values form, o *outcome)
}

// acts lists all acts, in the order of the page of work.
var acts = []act{
	sharingReview, identityVerify, lockoutRelease, codeRevoke, personHold, personRelease, personForget, letterRetry, letterDrop,
	tokenAdd, tokenRevoke, webhookAdd, webhookRotate, webhookRemove, redrive, policyAdopt,
}

// findAct returns the act with a name, nil if no act has the name.
func findAct(name string) *act {
	for i := range acts {
		if acts[i].name == name {
			return &acts[i]
		}
	}
	return nil
}

// isFor reports whether a role has the rights of the act.
func (a *act) isFor(role access.Role) bool {
	return a.right != "" && role.May(a.right) && mayRead(role, a.reads)
}

// hasForm reports whether the person types or chooses a value.
func (a *act) hasForm() bool {
	for i := range a.fields {
		if a.fields[i].kind != target {
			return true
		}
	}
	return false
}

// form holds the values of the fields of an act, by name.
type form map[string]string

// fill returns the values of the fields in a form or a query. Values without a field are ignored.
func (a *act) fill(from url.Values) form {
	values := make(form)
	for i := range a.fields {
		name := a.fields[i].name
		if text := strings.TrimSpace(from.Get(name)); text != "" {
			values[name] = text
		}
	}
	return values
}

// path returns the URL of the form of an act with the values of its targets.
func (a *act) path(values ...string) string {
	query := url.Values{}
	for i, value := range values {
		query.Set(a.fields[i].name, value)
	}
	return formPath(a.name, query)
}

// formPath returns the URL of the form of an act with the values of its targets.
func formPath(name string, targets url.Values) string {
	return strings.TrimSuffix(workPath+"/"+name+"?"+targets.Encode(), "?")
}

// actBody is the body of the page of a form or a confirmation.
type actBody struct {
	Act     string
	Variant string // of the texts of the confirmation: "", or a dot and the value of a choice
	Fields  []shownField
	Facts   []stateFact
	Notes   []string // keys of texts about the present state
	Changes []policyMember
	Line    string    // the content of the object, "" for none
	Error   string    // about the whole form, in English, "" for none
	Others  []actLink // other acts on the object, or a step that comes before
	Preview string    // path of a comparison of the recorded verdicts, "" for none
	ID      string    // of the command; "" on the page of the form
	HasForm bool

	values form
}

// stateFact is one line about the object of an act. Path leads to its page, "" for none.
type stateFact struct{ Label, Value, Path string }

// add adds a line about the object, unless its value is empty.
func (b *actBody) add(label, value, path string) {
	if value != "" {
		b.Facts = append(b.Facts, stateFact{label, value, path})
	}
}

// errNoObject reports an act on an object that does not exist.
var errNoObject = &failure{status: http.StatusNotFound, key: "noobject"}

func (v *visit) body(values form) (*actBody, error) {
	b := &actBody{Act: v.act.name, HasForm: v.act.hasForm(), values: values}
	for i := range v.act.fields {
		b.Fields = append(b.Fields, v.act.fields[i].shown(v, values))
	}
	if v.act.choice != "" && values[v.act.choice] != "" {
		b.Variant = "." + values[v.act.choice]
	}
	return b, v.act.about(v, b)
}

// getAct shows the form of an act, or its confirmation if the form has no field.
func (v *visit) getAct() error {
	values, err := v.fill(v.r.URL.Query())
	if err != nil {
		return err
	}
	v.act.clearTyped(values)
	if err := v.renewState(values); err != nil {
		return err
	}
	b, err := v.body(values)
	if err != nil {
		return err
	}
	if !v.act.hasForm() {
		return v.confirm(b)
	}
	return v.writeAct(http.StatusOK, b)
}

// postAct checks the members of a form. It shows the confirmation, or the form with its errors.
func (v *visit) postAct() error {
	values, err := v.fill(v.r.PostForm)
	if err != nil {
		return err
	}
	if isOutdated, err := v.isOutdated(values); err != nil {
		return err
	} else if isOutdated {
		return v.writeOutdated(values)
	}
	b, err := v.body(values)
	if err != nil {
		return err
	}
	if v.r.PostForm.Get("edit") != "" {
		return v.writeAct(http.StatusOK, b)
	}
	if wrong := v.wrongMember(values); wrong != nil {
		b.report(wrong.Field, wrong.Detail)
		return v.writeAct(http.StatusUnprocessableEntity, b)
	}
	return v.confirm(b)
}

// confirm shows what the act will do. The id of the command is new, so that the ledger records
// the command once however often the browser sends the confirmation.
func (v *visit) confirm(b *actBody) error {
	b.ID = newCommandID()
	return v.writeAct(http.StatusOK, b)
}

func (v *visit) writeAct(status int, b *actBody) error {
	v.write(status, "act", "act."+b.Act, b)
	return nil
}

// report adds an error to the field of a member, or to the whole form if it has no such field.
func (b *actBody) report(member, detail string) {
	for i := range b.Fields {
		if b.Fields[i].Name == member && b.Fields[i].Kind != target {
			b.Fields[i].Error = detail
			return
		}
	}
	b.Error = strings.TrimPrefix(member+": "+detail, ": ")
}
