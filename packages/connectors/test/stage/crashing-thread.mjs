/** A connector whose library throws from where nobody can catch it. */
setTimeout(() => {
  throw new RangeError('offset is out of bounds')
}, 5)
