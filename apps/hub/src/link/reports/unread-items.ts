/** Unread items: the items of a report that the hub cannot read, because the agent is newer. */
import type { DeviceReport, UnreadItem } from '@skerry/contract/devices/device-report'
import type { Cause, ItemReport } from '@skerry/contract/devices/item'

/**
 * An unreadable item still exists: the hub keeps its last readable report. An item without a name may be any of the
 * missing ones.
 */
export function lastRead(
  { items, report }: { items: readonly ItemReport[]; report: DeviceReport },
  unread: readonly UnreadItem[],
) {
  if (unread.length === 0) return []
  const read = new Set<string>(report.items.map(({ name }) => name))
  const names = new Set<string | undefined>(unread.map(({ name }) => name))
  return items.filter(({ name }) => !read.has(name) && (names.has(name) || names.has(undefined)))
}

/** The condition that informs people. */
export function unreadCondition(unread: readonly UnreadItem[]): Cause {
  const items = unread.map(({ name = 'an item without a name', cause }) => `${name}: ${cause.message}`).join('; ')
  const message = `this hub cannot read the report of the device about ${items}; update the hub`
  return { code: 'report_unreadable', message: message.slice(0, 1_000) }
}
