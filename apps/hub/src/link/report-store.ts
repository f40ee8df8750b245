/** Report store: writes what a device says of itself, and judges whether it follows an intent of this hub. */
import { isDeepStrictEqual } from 'node:util'
import type { DeviceStatus } from '@skerry/contract/device'
import type { DeviceReport } from '@skerry/contract/device-report'
import type { DeviceId } from '@skerry/contract/ids'
import type { Cause, ItemReport } from '@skerry/contract/item'
import { type GenerationVerdict, judgeGeneration } from '@skerry/core/generation'
import { itemsOf, setStatus } from '../devices/device-store.ts'
import { STALE_INTERVALS } from '../devices/liveness.ts'
import type { DeviceItemTable, DeviceTable } from '../store/foundation-tables.ts'
import { toJson } from '../store/json-column.ts'
import type { Tx } from '../store/store.ts'
import { forgetOlderDocuments, issuedDigest, oldestGeneration } from './issued-store.ts'
import type { ItemsChange } from './item-watcher.ts'

export type HeardReport = { deviceId: DeviceId; report: DeviceReport; receivedAtMs: number; intervalMs: number }

export type StoredReport =
  | { kind: 'gone' }
  | {
      kind: 'stored'
      status: DeviceStatus
      /** The newest generation that this hub issued to the device. */
      generation: number
      /** Where what it says of its items is news. */
      change?: ItemsChange
      /** The device has just been found to follow an intent that this hub does not know. */
      isNewConflict: boolean
    }

/** Five minutes are past what any time service leaves, and short of what breaks certificates. */
const CLOCK_SKEW_MAX_MS = 300_000

/** Stores one report. A device that was removed or revoked meanwhile leaves nothing. */
export async function storeReport(tx: Tx, heard: HeardReport): Promise<StoredReport> {
  const { deviceId, report } = heard
  const device = await tx.selectFrom('devices').selectAll().where('id', '=', deviceId).executeTakeFirst()
  if (!device || device.status === 'revoked') return { kind: 'gone' }
  const verdict = await judge(tx, device, report)
  const isNewConflict = !verdict.ok && device.status === 'active'
  if (isNewConflict) await setStatus(tx, deviceId, 'conflict-paused')
  await upsertReport(tx, device, heard, conditionsOf(heard, verdict))
  const change = await storeItems(tx, device, report.items)
  if (verdict.ok) await forgetOlderDocuments(tx, deviceId, report.observedGeneration)
  const status = isNewConflict ? 'conflict-paused' : device.status
  return { kind: 'stored', status, generation: device.generation, isNewConflict, ...(change && { change }) }
}

async function judge(tx: Tx, device: DeviceTable, report: DeviceReport): Promise<GenerationVerdict> {
  const { id, resumed_generation, resumed_digest } = device
  const observed = { generation: report.observedGeneration, digest: report.observedDigest }
  return judgeGeneration(observed, {
    digestOfReported: await issuedDigest(tx, id, observed.generation),
    oldestKept: await oldestGeneration(tx, id),
    resumedAt:
      resumed_generation === null ? undefined : { generation: resumed_generation, digest: resumed_digest ?? undefined },
  })
}

/** What the device names, and what only the hub can see: a wrong clock, an intent that is not ours. */
function conditionsOf({ report, receivedAtMs }: HeardReport, verdict: GenerationVerdict): Cause[] {
  const skewMs = report.atMs - receivedAtMs
  const minutes = Math.round(Math.abs(skewMs) / 60_000)
  const message = `the device's clock is ${minutes} min ${skewMs > 0 ? 'ahead of' : 'behind'} the hub's; set it right`
  return [
    ...report.conditions,
    ...(Math.abs(skewMs) > CLOCK_SKEW_MAX_MS ? [{ code: 'clock_wrong', message }] : []),
    ...(verdict.ok ? [] : [{ code: verdict.code, message: verdict.message }]),
  ]
}

async function upsertReport(tx: Tx, device: DeviceTable, heard: HeardReport, conditions: Cause[]): Promise<void> {
  const { report, receivedAtMs, intervalMs } = heard
  const columns = {
    last_seen_at_ms: receivedAtMs,
    stale_at_ms: receivedAtMs + STALE_INTERVALS * intervalMs,
    reported_at_ms: report.atMs,
    agent_version: report.agentVersion,
    boot_id: report.bootId,
    observed_generation: report.observedGeneration,
    observed_digest: report.observedDigest ?? null,
    last_good_generation: report.lastGoodGeneration,
    conditions: toJson(conditions),
    endpoints: toJson(report.endpoints),
    inventory: toJson(report.inventory),
  }
  await tx
    .insertInto('device_reports')
    .values({ device_id: device.id, organisation_id: device.organisation_id, ...columns })
    .onConflict((conflict) => conflict.column('device_id').doUpdateSet(columns))
    .execute()
}

/** Replaces the items; gives the change where more than their counters moved. */
async function storeItems(tx: Tx, device: DeviceTable, items: readonly ItemReport[]): Promise<ItemsChange | undefined> {
  const before = await itemsOf(tx, device.id)
  const after = items.toSorted((a, b) => (a.model < b.model ? -1 : 1))
  if (isDeepStrictEqual(before, after)) return undefined
  await tx.deleteFrom('device_items').where('device_id', '=', device.id).execute()
  for (const item of after) await tx.insertInto('device_items').values(rowOf(device, item)).execute()
  if (isDeepStrictEqual(before.map(withoutStats), after.map(withoutStats))) return undefined
  return { organisationId: device.organisation_id, deviceId: device.id, items: after }
}

const withoutStats = ({ stats: _stats, ...item }: ItemReport) => item

const rowOf = (device: DeviceTable, item: ItemReport): DeviceItemTable => ({
  device_id: device.id,
  organisation_id: device.organisation_id,
  model: item.model,
  deployment_id: item.deploymentId,
  target_revision: item.target.revision,
  target_version: item.target.version,
  target_digest: item.target.digest,
  retry_token: item.target.retryToken,
  state: item.state,
  cause: item.cause ? toJson(item.cause) : null,
  since_ms: item.sinceMs,
  serving_version: item.serving?.version ?? null,
  serving_digest: item.serving?.digest ?? null,
  stats: item.stats ? toJson(item.stats) : null,
})
