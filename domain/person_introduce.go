package domain

// PersonIntroduce records that a pseudonym stands for a person, whose name is sealed (PERSON-5). Only the
// ledger sends this command, before the first command that names the person.
type PersonIntroduce struct{ User, Name string }

// PersonIntroduced is the event that the user of the command stands for a person.
type PersonIntroduced struct{}

const personIntroduceType = "person.introduce"

// NewPersonIntroduce returns the command that introduces a person whom the command first names. It has
// the instant of that command, so that neither of the two is late.
func NewPersonIntroduce(first *Command, pseudonym, name string) Command {
	return Command{
		Source: SystemSource, ID: IntroductionID(pseudonym), Time: first.instant(), Caller: SystemSource,
		Backfill: first.Backfill, Rules: first.Rules, Data: &PersonIntroduce{User: pseudonym, Name: name},
	}
}

// IntroductionID returns the id of the command that introduces a pseudonym. Its source is [SystemSource].
func IntroductionID(pseudonym string) string { return "introduce:" + pseudonym }

// Introduced returns the pseudonym that the record introduces, "" if it introduces none.
func (r *Record) Introduced() string {
	if c, ok := r.Command.Data.(*PersonIntroduce); ok {
		return c.User
	}
	return ""
}

func (c *PersonIntroduce) CommandType() string { return personIntroduceType }
func (c *PersonIntroduce) names() [2]name      { return oneName(c.User) }
func (c *PersonIntroduce) Members(v Visitor) {
	v.Text("user", &c.User, nameForm)
	v.Text("name", &c.Name, personalNameForm)
}

var personalNameForm = Form{Personal: true, Wrong: atMost(nameLengthMost), BytesMax: nameLengthMost}

func (c *PersonIntroduce) decide(d *deciding) error {
	if !IsPseudonym(c.User) {
		d.reject(BadField, "user: want a pseudonym")
		return nil
	}
	if err := d.addUser(c.User); err != nil {
		return err
	}
	d.accept(&PersonIntroduced{})
	return nil
}

func (e *PersonIntroduced) EventType() string   { return "person.introduced" }
func (e *PersonIntroduced) Members(Visitor)     {}
func (e *PersonIntroduced) evolve(*User, *fold) {}
func (e *PersonIntroduced) causedBy(c CommandData) bool {
	_, ok := c.(*PersonIntroduce)
	return ok
}
