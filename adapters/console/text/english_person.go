package text

// englishPerson holds the texts about holds and erasures.
var englishPerson = catalogue{
	"holds.title":  "Legal cases",
	"holds.text":   "The ledger refuses to erase the personal data of this user while a hold stands.",
	"holds.none":   "No hold stands.",
	"holds.hold":   "Hold",
	"holds.erased": "Personal data with this name was erased at",

	"work.holds":      "Holds",
	"work.holds.text": "Users whose personal data a legal case holds, the oldest hold first. The page of a user has the acts that hold and erase the data.",
	"work.holds.none": "No hold stands.",

	"work.erasures":      "Erasures",
	"work.erasures.text": "The erasures of the personal data of users, the newest first. A later record with the name of an erased user is about a new person.",
	"work.erasures.none": "No personal data of a user was erased.",

	"field.case":    "Case",
	"field.purpose": "Purpose",
	"field.typed":   "User name, to confirm",
	"hint.case":     "Number of the case. Letters, digits and . _ : - only.",
	"hint.purpose":  "At most 128 characters. It stays in clear text: write no personal data.",
	"hint.typed":    "Type the name of the user exactly. The erasure can't be undone.",

	"act.hold":                "Keep the data for a case",
	"act.hold.short":          "Hold",
	"act.hold.text":           "Forbid the erasure of the personal data while a legal case needs it. Several cases can hold one user.",
	"act.hold.will":           "The ledger refuses to erase the personal data of this user until an officer releases the hold of this case.",
	"act.hold.button":         "Hold the data",
	"act.hold-release":        "Release a hold",
	"act.hold-release.short":  "Release",
	"act.hold-release.text":   "End the hold of one case. The holds of other cases stand.",
	"act.hold-release.will":   "The hold of this case ends now. Without another hold, an officer can erase the personal data of the user.",
	"act.hold-release.button": "Release the hold",
	"act.forget":              "Erase the personal data",
	"act.forget.short":        "Erase",
	"act.forget.text":         "Destroy the keys of the personal data of the user. Nothing can bring the data back.",
	"act.forget.will":         "The ledger destroys the keys of the addresses, the user agents and the notes about sharings. It ends the lockout, the sharings, the devices and the live codes of the user. The records, the counts and the user name stay.",
	"act.forget.button":       "Erase for good",

	"note.outdated":       "The form does not match the present state of the user name. The reason can be a later erasure, or a new person with the name. Nothing was submitted. Check the present state, and confirm again.",
	"note.erased":         "The personal data of this user was erased, and no later command names the user. The ledger will refuse the act.",
	"note.onhold":         "A hold stands. The ledger will refuse the erasure.",
	"note.openwithdrawal": "An approved withdrawal is neither settled nor cancelled. The ledger will refuse the erasure.",
	"note.nothold":        "No hold of this case stands. The ledger will refuse the release.",
}
