/**
 * Cluster drift: the differences between an object as it was applied and as the cluster has it. The agent compares only
 * the fields that it applies. Other people and controllers may add fields, containers and labels of their own.
 */

/** The paths of the fields whose values differ from the applied ones, such as `spec.replicas`. */
export function driftOf(applied: unknown, actual: unknown, path = ''): string[] {
  if (Array.isArray(applied)) return driftOfList(applied, actual, path)
  if (typeof applied === 'object' && applied !== null) {
    const found = isRecord(actual) ? actual : {}
    return Object.entries(applied)
      .filter(([, value]) => value !== undefined)
      .flatMap(([name, value]) => driftOf(value, found[name], path === '' ? name : `${path}.${name}`))
  }
  return applied === actual || isSameQuantity(applied, actual) ? [] : [path]
}

/** [kubernetes.io, "Server-Side Apply", merge strategy] Lists of named things are maps; other lists are one value. */
function driftOfList(applied: readonly unknown[], actual: unknown, path: string): string[] {
  const found = Array.isArray(actual) ? actual : []
  if (applied.length > 0 && applied.every(hasName)) {
    return applied.flatMap((entry) => {
      const name = nameOf(entry)
      return driftOf(
        entry,
        found.find((other) => hasName(other) && nameOf(other) === name),
        `${path}.${name}`,
      )
    })
  }
  if (applied.length !== found.length) return [path]
  return applied.flatMap((entry, index) => driftOf(entry, found[index], `${path}.${index}`))
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A mount is named by its path: one volume may be mounted twice. */
const nameOf = (entry: Record<string, unknown>) => String(entry.mountPath ?? entry.name)
const hasName = (entry: unknown): entry is Record<string, unknown> =>
  isRecord(entry) && typeof (entry.mountPath ?? entry.name) === 'string'

/** [kubernetes.io, Quantity] */
const FACTORS: Readonly<Record<string, number>> = {
  '': 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
}

/** The server writes `1000m` as `1`, and `1024Mi` as `1Gi`. */
function isSameQuantity(one: unknown, other: unknown): boolean {
  const value = quantityValue(one)
  return value !== undefined && value === quantityValue(other)
}

function quantityValue(input: unknown): number | undefined {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)(m|[kMGT]i?|Ki)?$/.exec(String(input)) ?? []
  const factor = FACTORS[unit]
  return digits === undefined || factor === undefined ? undefined : Number(digits) * factor
}
