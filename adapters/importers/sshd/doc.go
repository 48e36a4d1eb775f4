// Package sshd reads the log lines of an OpenSSH server as login commands. An
// import records the past, so every command is a backfill.
//
// A [Reader] returns one [Line] for each line of the log: the commands of its attempts, or
// the reason why it was rejected, or neither if it records no attempt. The commands
// identify the log and the line, so a second import of the file, also after the file has
// grown, adds only new attempts.
//
// The package does not guess. A line that names an attempt and can't be read whole is
// rejected and counted, never cut, completed or skipped. The package does not trust the
// text between "for" and the address, because the client chooses it. It makes no decision
// and stores no line.
//
// # Decisions
//
//   - A line has a prefix, which ends with the program, and a message. The
//     tables prefixForms, stampForms and messageForms list the forms that are
//     read; docs/importing.md shows the tables.
//   - An attempt after a prefix that can't be read is rejected. A message of another
//     program that starts as an attempt is rejected too. A line of another program that
//     contains an attempt later in its message is skipped: sudo logs commands, for example,
//     and users choose the commands.
//   - A line without a program is a message of sshd only after a time with a year, in a
//     container log, or in the log file of OpenSSH for Windows, because such files contain
//     the output of one program.
//   - The last " from ADDRESS port N" of a message counts. The client chooses the method
//     and the user name before it, so an earlier address may be forged. The details of a
//     key can also imitate an address, for example in the name of an untrusted certificate.
//     Such a line gets an invalid user name and is attributed to no user. An attacker can't
//     guess a password that way.
//   - Only methods whose client types or computes a secret count as guesses
//     . Failures of any other method are method_rejected, because a client
//     offers several keys in one sign-in.
//   - sshd writes a PAM error and "Failed keyboard-interactive" for one failure, and the
//     second line only at some log levels. The PAM error is recorded, and the next failure
//     of keyboard-interactive with the same host, process and user within one minute is
//     not. At most [PairsMax] errors are remembered. The address is lost if UseDNS makes
//     the PAM error contain a host name.
//   - A PAM error ends with the address. In a last line without a newline the
//     address may be cut, so the error is rejected until the line has its newline.
//   - The package skips "last message repeated N times" of old syslog daemons, because the
//     line names no program.
//   - A command's id is "LINE.REPETITION", both from 1. A line whose "message
//     repeated" exceeds [RepetitionsMax] is rejected whole: a forged count must
//     not become a million records, nor a smaller number without notice.
//   - The source holds a hash of the first line, and the id holds the line number. Both stay
//     the same after the file has grown. A rotated file gets a new source. A file whose
//     beginning was removed counts as another file.
//   - A last line without a newline is read, although it may still grow. If it ends before
//     the port, it is rejected and uses no id. If it ends after the port, its command has
//     the content of the whole line.
//   - Bytes of a name that are not UTF-8 become U+FFFD, which no policy's
//     pattern accepts: the attempt is attributed to no user.
//   - A time without a year gets its year from its date and the previous line. If
//     the date is more than half a year earlier than that of the previous line, a new year
//     has begun. If the date is more than half a year later, the package also compares the
//     same date of the year before. If that date is at most seven days before the previous
//     line, the clock was set back over New Year. Otherwise the year stays the same. It also
//     stays the same after a smaller step in either direction. Every line whose time has no
//     year counts, also a line that is not a login.
//   - A local time that occurred twice means the first occurrence, unless the line
//     names the zone's abbreviation. A local time that the clocks skipped is read
//     with the offset before the change. The package fixes both choices, so that no
//     verdict depends on a library.
//   - Times that show their year do not affect the year of times that show none.
//     An abbreviation such as CET must be one that the log's zone shows at that
//     time, because several zones share each abbreviation.
package sshd
