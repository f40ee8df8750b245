/** Exhaustiveness: a case without a handler does not compile. */

/** Marks a place that no value can reach; throws if one does all the same. */
export function assertNever(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`)
}
