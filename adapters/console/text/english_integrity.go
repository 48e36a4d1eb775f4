package text

// englishIntegrity holds the texts of the page about the integrity of the node.
var englishIntegrity = catalogue{
	"integrity.title":      "Integrity",
	"integrity.problems":   "Problems of the node",
	"integrity.chain":      "Chain and head",
	"integrity.chain.text": "Each commit contains the SHA-256 of the commit before it. The head is a separate file with the end of the log, so that a log that lost its end is detected.",
	"integrity.stream":     "Message",
	"integrity.hash":       "SHA-256 of the commit",
	"integrity.end":        "Newest commit",
	"integrity.head":       "Head",
	"integrity.behind":     "The head is written after each group of commits, so it can be some commits behind.",
	"integrity.ledger":     "Ledger",

	"verification.title":     "Last verification",
	"verification.text":      "A verification reads the whole log, proves the chain, decides each command again, and compares the rows of the node with a second fold.",
	"verification.none":      "none",
	"verification.none.text": "The log has not been verified since the start of the node.",
	"verified.running":       "running",
	"verified.intact":        "intact",
	"verified.damaged":       "damaged",
	"verified.damaged.text":  "The log, a verdict or the rows are not intact. Stop the node, and run authledger verify on its directory: it prints the position of the damage.",
	"verified.failed":        "failed",
	"verified.failed.text":   "The verification could not read the whole log. The log of the node has the cause.",
	"verification.since":     "Running since",
	"verification.reload":    "The page loads again by itself until the verification has ended.",
	"verification.ended":     "Ended",
	"verification.upto":      "Intact up to record",
	"verification.record":    "Recorded in",
	"verification.all":       "Records of all verifications",
	"verification.button":    "Verify now",

	"scrub.title":    "Scrub",
	"scrub.text":     "While it runs, the node reads the log again and again, and compares its rows with the log.",
	"scrub.progress": "Record %[1]s of %[2]s in this round (%[3]s %%)",
	"scrub.between":  "All records have been read without damage. The next round begins within six hours.",
	"scrub.rounds":   "Rounds of the log without damage, since the start",
	"scrub.compared": "Comparisons of the rows without a difference",

	"files.title":     "Files and keys",
	"files.log":       "Files of the log",
	"files.size":      "Size of the log",
	"files.keys":      "Keys of personal data",
	"files.keys.text": "Each user has a key. An erasure destroys it.",

	"projections.title": "Projections",
	"projections.text":  "The rows that answer queries, with their versions. A node with other versions folds the log again. Directory of the rows:",

	"tile.verification":      "Last verification",
	"tile.verification.none": "since the start of the node",
	"tile.verification.note": "%[1]s",
	"tile.verification.upto": "up to record %[1]s, %[2]s",

	"failure.task":      "Another task reads the log",
	"failure.task.text": "The node runs one verification, rebuild or what-if at a time. Try again after it has ended.",

	"unit.mib": "%[1]s MiB",

	"chain.commit":   "SHA-256 of the commit",
	"chain.before":   "SHA-256 of the commit before",
	"chain.genesis":  "the SHA-256 of the ledger id, because this is the first commit",
	"chain.previous": "last record of the commit before",

	"follow.start":   "Follow live",
	"follow.pause":   "Pause",
	"follow.new":     "New records: {0}",
	"follow.skipped": "More records were committed than the page can show.",
	"follow.reload":  "Load the page again to see newer records.",

	"classes.title":      "Active devices by class",
	"classes.text":       "Devices of all users, counted %[1]s.",
	"classes.none":       "No device is active.",
	"tile.webhooks":      "Failing webhooks",
	"tile.webhooks.note": "of %[1]s endpoints",
}
