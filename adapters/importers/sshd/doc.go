// Package sshd reads the log lines of an OpenSSH server as login commands. It
// is an importer: it tells the past, so every command is a backfill.
//
// A [Reader] gives one [Line] for each line of the log: the commands of its
// attempts, or why it was rejected, or neither when it is no login. The
// commands name the log and the line, so the same file again, or grown, brings
// only what is new.
//
// The package refuses to guess. What looks like a login and can't be read whole
// is rejected and counted, never cut or completed. It trusts nothing between
// "for" and the address, since whoever knocks chooses it. It decides nothing,
// computes no bucket and keeps no line.
//
// # Decisions
//
//   - The last " from ADDRESS port N" of a message counts. The user name stands
//     before it and is the attacker's, and so is the method, so an earlier one
//     may be forged. Given up: lines whose key details imitate one (the name of
//     an untrusted certificate), which become a bad name, hence nobody's. No
//     password can be guessed that way.
//   - Only the tags sshd[pid] and sshd-session[pid] speak for sshd. Given up:
//     "last message repeated N times" of old syslog daemons, which names no
//     program.
//   - A command's id is "LINE.REPETITION", both from 1. "message repeated" at
//     most [RepetitionsMax] times, else the whole line is rejected: a forged
//     count must not become a million records, nor a silent smaller number.
//   - The source holds a hash of the first line, and the line number is the
//     id: a grown file keeps both, a rotated one gets a new source. Given up:
//     a file that was cut at its head counts as another file.
//   - A last line without a newline is read, though it may still be growing:
//     cut before the port it is rejected and takes no id, cut behind it it says
//     the same as the whole line will.
//   - Bytes of a name that are no UTF-8 become U+FFFD, which no policy's
//     pattern admits: the attempt is recorded as nobody's.
//   - Times without a year get the year that lies nearest to the line before:
//     a jump back of more than half a year is a new year; a jump ahead of more
//     than half a year that a few days back over New Year explain is the old
//     year. Any smaller step back is a clock that was set, and stays. Every
//     line with such a time takes part, also one that is no login.
//   - Local times that exist twice mean the first time; those that never
//     existed are read as if the clock had not been moved. A verdict must not
//     depend on what a library happens to choose.
//   - Lines with an RFC 3339 time carry their year and zone; they neither need
//     nor move the year of the others.
package sshd
