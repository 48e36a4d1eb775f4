package console

import (
	"net/http"
)

// stateField is the field with the state of the object that the page of an act showed. The act refuses a
// form with another state.
const stateField = "state"

// renewState sets the field of the state to the present state, for an act that has this field. The caller
// reads the facts of the page later, so that a page never shows older facts than its state.
func (v *visit) renewState(values form) (err error) {
	if v.act.state != nil {
		values[stateField], err = v.act.state(v, values)
	}
	return err
}

// isOutdated reports whether the state of the object is another one than the page of the form showed.
func (v *visit) isOutdated(values form) (bool, error) {
	if v.act.state == nil {
		return false, nil
	}
	now, err := v.act.state(v, values)
	return err == nil && now != values[stateField], err
}

// isRefusedAsOutdated reports whether the console refuses a confirmation because of its state. A
// confirmation whose command the ledger has recorded gets the recorded verdict. isRefusedAsOutdated reads
// the state before the command, because the command itself changes the state.
func (v *visit) isRefusedAsOutdated(values form) (bool, error) {
	isOutdated, err := v.isOutdated(values)
	if err != nil || !isOutdated {
		return false, err
	}
	_, _, isRecorded, err := v.Rows.Command(v.caller.Source, values[idField])
	return err == nil && !isRecorded, err
}

// writeOutdated shows the form with the present state. The person confirms the new state with the typed
// fields.
func (v *visit) writeOutdated(values form) error {
	v.act.clearTyped(values)
	if err := v.renewState(values); err != nil {
		return err
	}
	b, err := v.body(values)
	if err != nil {
		return err
	}
	b.Notes = append([]string{"note.outdated"}, b.Notes...)
	return v.writeAct(http.StatusConflict, b)
}

// clearTyped removes the values that only a person may type.
func (a *act) clearTyped(values form) {
	for i := range a.fields {
		if f := &a.fields[i]; f.isTyped {
			delete(values, f.name)
		}
	}
}
