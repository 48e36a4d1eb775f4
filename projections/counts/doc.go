// Package counts counts labels and different names in a fixed amount of memory, for the rows of
// the statistics. A [Top] holds the counts of the most frequent labels. A [Distinct] estimates the
// number of different names.
//
// The package knows no record and no table. Its results depend only on the added texts.
//
// # Decisions
//
//   - The package contains both algorithms. The rows must be equal after a rebuild by any later
//     build, and the stored form of a library may change. Cost: about 150 lines.
package counts
