/** Short number: as much of a number as a person reads. */

/** As many digits as sensors have. */
export const shortNumber = (value: number): string => {
  const size = Math.abs(value)
  return size !== 0 && (size >= 1e6 || size < 1e-3) ? value.toExponential(2) : String(Number(value.toPrecision(5)))
}
