/** [fft.js 4] The functions that this code uses. The library has no declarations of its own. */
declare module 'fft.js' {
  const FFT: new (
    size: number,
  ) => {
    createComplexArray(): number[]
    /** Writes the lower half of the spectrum: pairs of real and imaginary part. */
    realTransform(out: number[], data: ArrayLike<number>): void
  }
  export = FFT
}
