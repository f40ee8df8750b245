/** Secret scope: which of several secrets of one name counts on a device. */

type Scoped = { name: string; site_id: string | null; device_id: string | null }

/** The device's own before its site's, its site's before the organisation's; by name. */
export function mostSpecific<Secret extends Scoped>(secrets: readonly Secret[]): Secret[] {
  const best = new Map<string, Secret>()
  for (const secret of secrets) {
    const other = best.get(secret.name)
    if (!other || rankOf(secret) > rankOf(other)) best.set(secret.name, secret)
  }
  return [...best.values()].sort((one, other) => (one.name < other.name ? -1 : 1))
}

function rankOf({ site_id, device_id }: Scoped): number {
  if (device_id !== null) return 2
  return site_id === null ? 0 : 1
}
