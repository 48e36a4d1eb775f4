package domain

// Own returns what a decision itself brought about: its events without the
// overdue ones that it carries ahead. The timer's decisions have none.
func Own(events []Event) []Event {
	activated := false
	for i := range events {
		switch e := events[i].Data.(type) {
		case *LockoutExpired, *LoginAbandoned, *CodeRestricted, *CodeExpired:
			activated = false
		case *DeviceActivated:
			if e.Method != Auto {
				return events[i:]
			}
			activated = true
		case *CodeRevoked:
			if !activated { // else it followed an activation by itself (DEV-5)
				return events[i:]
			}
		default:
			return events[i:]
		}
	}
	return nil
}
