/** A thread that ends as one does in which something is broken. */
throw new RangeError('offset is out of bounds')
