package console

import (
	"errors"
	"net/http"
	"time"

	"github.com/google/uuid"

	"authledger/domain"
	"authledger/domain/access"
	"authledger/domain/problems"
)

// idField is the name of the field with the id of the command.
const idField = "id"

// newCommandID returns a new id of a command.
func newCommandID() string { return uuid.Must(uuid.NewV7()).String() }

// outcome is the body of the page after an act.
type outcome struct {
	Act       string
	Status    string // accepted or refused; done for an operation without a verdict; unknown
	Reason    string
	Detail    string
	Seq       uint64 // record of the command, 0 without one
	Time      time.Time
	Duplicate bool
	ID        string
	Fields    []shownField // of the form that submits the command again, for an unknown outcome
	Secret    string       // shown once, "" for none
	WasShown  bool         // an earlier page has shown the secret
	Next      string       // path of the next step, "" for none
	NextText  string       // key of its text
	Facts     []stateFact
}

// Statuses of an outcome that are no statuses of a verdict.
const (
	doneStatus    = "done"
	unknownStatus = "unknown"
)

// postSubmit submits an act that the person has confirmed, and shows the verdict.
func (v *visit) postSubmit() error {
	values, err := v.fill(v.r.PostForm)
	if err != nil {
		return err
	}
	o := &outcome{Act: v.act.name, ID: v.r.PostForm.Get(idField)}
	if domain.WrongEnvelope(o.ID, domain.IDBytesMax) != "" {
		return &failure{status: http.StatusBadRequest, key: "form"}
	}
	values[idField] = o.ID
	if isRefused, err := v.isRefusedAsOutdated(values); err != nil {
		return err
	} else if isRefused {
		return v.writeOutdated(values)
	}
	err = v.submit(values, o)
	var wrong *domain.Rejection
	var denied *access.Denied
	switch {
	case errors.As(err, &wrong):
		return v.writeAgain(http.StatusUnprocessableEntity, values, wrong.Field, wrong.Detail)
	case errors.As(err, &denied):
		member, detail := memberOf(denied.Text)
		return v.writeAgain(http.StatusForbidden, values, member, detail)
	case errors.As(err, new(*failure)):
		return err
	case err != nil:
		return v.writeUnknown(values, o, err)
	}
	if v.act.finish != nil && o.Status == string(domain.Accepted) {
		v.act.finish(v, values, o)
	}
	if err := v.findMoment(); err != nil { // the position after the command
		return err
	}
	v.write(http.StatusOK, "outcome", "act."+o.Act, o)
	return nil
}

// errHandled reports a confirmed operation on an object that no longer exists. A second click or
// another person has usually completed the operation.
var errHandled = &failure{status: http.StatusNotFound, key: "handled"}

// submit passes the command to the ledger, or runs the operation, and fills the outcome.
func (v *visit) submit(values form, o *outcome) error {
	if v.act.run != nil {
		err := v.act.run(v, values, o)
		if errors.Is(err, errNoObject) {
			return errHandled
		}
		return err
	}
	if wrong := v.wrongMember(values); wrong != nil {
		return wrong
	}
	verdict, err := v.options.Shared.Submit(v.r.Context(), v.caller, o.ID, v.act.command(v, values))
	if err != nil {
		return err
	}
	return o.set(&verdict)
}

// set fills the outcome from a verdict. It returns a [domain.Rejection] for an invalid command.
func (o *outcome) set(verdict *domain.Verdict) error {
	if verdict.Status == domain.Invalid {
		member, detail := memberOf(verdict.Detail)
		return &domain.Rejection{Reason: verdict.Reason, Field: member, Detail: detail}
	}
	o.Status, o.Reason, o.Detail = string(verdict.Status), string(verdict.Reason), verdict.Detail
	o.Seq, o.Time, o.Duplicate = verdict.Seq, verdict.Time, verdict.Duplicate
	return nil
}

// writeAgain shows the form with an error of the API and the typed values.
func (v *visit) writeAgain(status int, values form, member, detail string) error {
	b, err := v.body(values)
	if err != nil {
		return err
	}
	if b.report(member, detail); !b.HasForm {
		b.ID = newCommandID()
	}
	return v.writeAct(status, b)
}

// writeUnknown shows that the node did not answer in time. The form of the page submits the
// command again with its id, so that the person gets the recorded verdict.
func (v *visit) writeUnknown(values form, o *outcome, err error) error {
	if f := failureOf(err); f.status == http.StatusInternalServerError {
		v.options.Log.Error("an act failed", "request", v.id, "act", o.Act, "cause", problems.Causes(err))
	}
	o.Status = unknownStatus
	for i := range v.act.fields {
		o.Fields = append(o.Fields, v.act.fields[i].shown(v, values))
	}
	v.write(http.StatusServiceUnavailable, "outcome", "act."+o.Act, o)
	return nil
}
