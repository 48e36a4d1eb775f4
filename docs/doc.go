// Package docs holds the documentation by task, and tests of it: links lead to files and
// headings, and the texts of the whole project are plain English. Tests in cmd/authledger
// run the commands that the pages show. The package contains no code of the program.
package docs
