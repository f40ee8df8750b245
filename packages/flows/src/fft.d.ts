/** [fft.js 4] It has no declarations of its own; what is used of it. */
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
