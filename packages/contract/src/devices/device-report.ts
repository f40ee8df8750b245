/**
 * A device's report about itself over the link. The hub reads it item by item (`readReport`): an unreadable item is
 * left out alone, and all else counts. Fields of a newer agent are dropped.
 */
import * as z from 'zod'
import { isKind } from '../kinds/kinds.ts'
import { DeviceResidency } from '../scaling/residency.ts'
import { Digest } from '../values/digest.ts'
import { InstantMs, Name } from '../values/names.ts'
import { Endpoints, SentInventory } from './device.ts'
import { Cause, ITEMS_MAX, ItemReport, readFigures } from './item.ts'

const reportFields = {
  v: z.literal(1),
  /** The device's own clock, so that the hub can name a wrong one. */
  atMs: InstantMs,
  agentVersion: z.string().max(32),
  /** Made new at each start of the agent. */
  bootId: z.string().min(8).max(64),
  /** The intent that the device works on, and the digest that names its content. 0 and absent before the first. */
  observedGeneration: z.int().min(0),
  observedDigest: Digest.optional(),
  /** The newest intent whose items are all active. */
  lastGoodGeneration: z.int().min(0),
  conditions: z.array(Cause).max(32),
  endpoints: Endpoints.strip(),
  inventory: SentInventory,
  /**
   * The models in memory. Absent from agents up to 0.1.0, and while no runner is ready. A form that the hub cannot read
   * is dropped alone.
   */
  residency: DeviceResidency.optional().catch(undefined),
}

/** The report as it is on the wire. A change that is more than new fields and items raises `v`. */
export const ReportMessage = z.object({ ...reportFields, items: z.array(z.unknown()).max(ITEMS_MAX) })
export type ReportMessage = z.infer<typeof ReportMessage>

export const DeviceReport = z.object({ ...reportFields, items: z.array(ItemReport).max(ITEMS_MAX) })
export type DeviceReport = z.infer<typeof DeviceReport>

/** A report as a device sends it: it may name an item of a kind that it does not know. */
export type SentReport = Omit<DeviceReport, 'items'> & { items: SentItem[] }
export type SentItem = Omit<ItemReport, 'kind'> & { kind: string }

/** An item of a report that this hub cannot read. */
export type UnreadItem = {
  cause: Cause & { code: 'kind_unknown' | 'item_unreadable' }
  /** Absent if even the name cannot be read. */
  name?: Name
}

export type ReadReport = { report: DeviceReport; unread: UnreadItem[] }

/** The items that this hub can read, and the others. */
export function readReport({ items, ...report }: ReportMessage): ReadReport {
  const read: ItemReport[] = []
  const unread: UnreadItem[] = []
  for (const item of items) {
    const parsed = ItemReport.safeParse(withKnownFigures(item))
    if (parsed.success) read.push(parsed.data)
    else unread.push(unreadItem(item, parsed.error))
  }
  return { report: { ...report, items: read }, unread }
}

/** Figures of a newer agent are dropped, and the item counts without them. */
function withKnownFigures(item: unknown): unknown {
  if (typeof item !== 'object' || item === null || !('figures' in item)) return item
  const { figures: sent, ...others } = item
  const figures = readFigures(sent)
  return figures ? { ...others, figures } : others
}

function unreadItem(item: unknown, { issues: [issue] }: z.ZodError): UnreadItem {
  const { kind } = z.object({ kind: z.string().max(32) }).safeParse(item).data ?? {}
  const name = z.object({ name: Name }).safeParse(item).data?.name
  const called = name === undefined ? {} : { name }
  if (kind !== undefined && !isKind(kind)) {
    return { cause: { code: 'kind_unknown', message: `the kind ${kind} is unknown` }, ...called }
  }
  const message = `${issue?.path.join('.')}: ${issue?.message}`.slice(0, 500)
  return { cause: { code: 'item_unreadable', message }, ...called }
}

/** The answer of the hub: when to report next (so it can shed load), its clock, and the generation that it holds. */
export const ReportReply = z.object({
  nextReportMs: z.int().min(1_000).max(3_600_000),
  hubTimeMs: InstantMs,
  generation: z.int().min(0),
})
export type ReportReply = z.infer<typeof ReportReply>
