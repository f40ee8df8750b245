/** Run clock: microseconds that all threads of the process share, which `performance.now()` does not give. */
export function nowUs(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1e6 + nanoseconds / 1e3
}
