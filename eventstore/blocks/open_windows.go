package blocks

import "os"

// openFlags has no other flag on Windows, where a directory holds no FIFO. openFile checks
// that the file is regular, before and after opening it.
const openFlags = os.O_RDONLY
