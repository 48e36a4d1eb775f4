// Package sshd reads the log lines of an OpenSSH server as login commands. An
// import records the past, so every command is a backfill.
//
// A [Reader] returns one [Line] for each line of the log: the commands of its
// attempts, or the reason why it was rejected, or neither if it records no
// attempt. The commands name the log and the line, so importing the same file
// again, or the file after it has grown, adds only new attempts.
//
// The package does not guess. A line that names an attempt and can't be read
// whole is rejected and counted, never cut, completed or skipped. The package
// does not trust the text between "for" and the address, because the client
// chooses it. It makes no decision, computes no bucket and keeps no line.
//
// # Decisions
//
//   - A line has a prefix, which ends with the program, and a message. The
//     tables prefixForms, stampForms and messageForms list the forms that are
//     read; docs/importing.md shows the tables.
//   - An attempt behind a prefix that can't be read is rejected. So is a message
//     that starts as an attempt under the name of another program. A line of
//     another program that quotes an attempt further behind is skipped: sudo
//     logs commands, and users choose those.
//   - A line without a program is a message of sshd only behind a time with a
//     year, in a container log, or in the log file of OpenSSH for Windows: such
//     files hold the output of one program.
//   - The last " from ADDRESS port N" of a message counts. The client chooses the
//     method and the user name before it, so an earlier address may be forged. Given up: lines whose key details imitate an address
//     (the name of an untrusted certificate), which become a bad name and are
//     attributed to no user. No password can be guessed that way.
//   - Only methods whose client types or computes a secret count as guesses
//     . Failures of any other method are method_rejected, because a client
//     offers several keys in one sign-in.
//   - sshd writes a PAM error and "Failed keyboard-interactive" for one failure,
//     and the second line only at some log levels. The PAM error is recorded, and
//     the next failure of keyboard-interactive with the same host, process and
//     user within one minute is not. At most [PairsMax] errors are remembered.
//     Given up: the address, if UseDNS makes PAM's line name a host.
//   - A PAM error ends with the address. In a last line without a newline the
//     address may be cut, so the error is rejected until the line has its newline.
//   - Given up: "last message repeated N times" of old syslog daemons, which
//     names no program.
//   - A command's id is "LINE.REPETITION", both from 1. A line whose "message
//     repeated" exceeds [RepetitionsMax] is rejected whole: a forged count must
//     not become a million records, nor a smaller number without notice.
//   - The source holds a hash of the first line, and the line number is the
//     id: a grown file keeps both, a rotated file gets a new source. Given up:
//     a file that was cut at its head counts as another file.
//   - A last line without a newline is read, though it may still grow: cut
//     before the port it is rejected and takes no id, cut behind the port it
//     has the content of the whole line.
//   - Bytes of a name that are not UTF-8 become U+FFFD, which no policy's
//     pattern accepts: the attempt is attributed to no user.
//   - Times without a year get the year that lies nearest to the line before:
//     a jump back of more than half a year is a new year; a jump ahead of more
//     than half a year that a few days back over New Year explain is the old
//     year. Any smaller step back is a clock that was set, and stays. Every
//     line with such a time takes part, also a line that is no login.
//   - A local time that occurred twice means the first occurrence, unless the line
//     names the zone's abbreviation. A local time that the clocks skipped is read
//     with the offset before the change. The package fixes both choices, so that no
//     verdict depends on a library.
//   - Times that show their year do not affect the year of times that show none.
//     An abbreviation such as CET must be one that the log's zone shows at that
//     time, because several zones share each abbreviation.
package sshd
