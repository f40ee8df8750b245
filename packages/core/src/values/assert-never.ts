/** Exhaustiveness: a case that nobody handles does not compile. */

/** Stands where no value can arrive; throws if one does all the same. */
export function assertNever(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`)
}
