// Package csvlist writes a page of a list as CSV (RFC 4180), for spreadsheets and data tools.
//
// The first line names the columns. They depend on the list only, not on its items: one column
// for each member of an item, in the order of the JSON form. A member that is an object has a
// column for each of its members, such as window.from. An item with a list of objects has one
// line for each of these objects, on which the other cells repeat.
//
// # Decisions
//
//   - The columns come from the methods Members of the items, so that JSON, the schemas and CSV
//     have the same names and order.
//   - A text that begins with one of the characters = + - @, its full-width form, a tab, a
//     carriage return or an apostrophe gets a leading apostrophe, because a spreadsheet would run
//     the text as a formula. Numbers, Booleans and instants have none. Given up: a program must
//     remove the first apostrophe to get the text.
//   - An invisible character is escaped as in JSON, such as \u200b, so that a sender's text
//     cannot control the terminal of a reader.
//   - Several texts of one member are one cell with spaces between them, because no name, type or
//     person contains a space.
package csvlist
