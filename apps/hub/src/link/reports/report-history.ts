/**
 * Report history: the changes in a report, for the events of its device. A repeated report costs only a comparison of
 * texts.
 */
import type { DeviceChange } from '@skerry/contract/devices/device-event'
import type { DeviceReport } from '@skerry/contract/devices/device-report'
import type { Cause, ItemReport } from '@skerry/contract/devices/item'
import { changesBetween, type DeviceStanding, silenceBefore } from '@skerry/core/devices/device-events'
import { fromJson, type Json } from '../../store/json-column.ts'
import type { DeviceReportTable } from '../../store/tables/foundation-tables.ts'

/** The columns of the last report that have a history; null before the first. */
export const HISTORY_COLUMNS = [
  'device_reports.last_seen_at_ms',
  'device_reports.stale_at_ms',
  'device_reports.agent_version',
  'device_reports.boot_id',
  'device_reports.observed_generation',
  'device_reports.conditions',
  'device_reports.endpoints',
] as const

type Column = (typeof HISTORY_COLUMNS)[number] extends `device_reports.${infer Name}` ? Name : never
export type ReportBefore = { [Name in Column]: DeviceReportTable[Name] | null }

/** The stored values of the new report. */
export type ReportNow = {
  report: DeviceReport
  receivedAtMs: number
  conditions: Json<Cause[]>
  endpoints: Json<DeviceReport['endpoints']>
  /** The earlier items, if they differ now. */
  itemsBefore: readonly ItemReport[] | undefined
}

/** The changes; none if the report equals the last one. */
export function historyOf(before: ReportBefore, now: ReportNow): DeviceChange[] {
  const { report, receivedAtMs, conditions, itemsBefore } = now
  const { last_seen_at_ms: lastSeenAtMs, stale_at_ms: staleAtMs } = before
  const heard = lastSeenAtMs === null || staleAtMs === null ? undefined : { lastSeenAtMs, staleAtMs }
  const silence = silenceBefore(heard, receivedAtMs)
  if (isSame(before, now)) return silence
  const after = { ...report, conditions: fromJson(conditions) }
  return [...silence, ...changesBetween(standingOf(before, itemsBefore ?? report.items), after)]
}

const isSame = (before: ReportBefore, { report, conditions, endpoints, itemsBefore }: ReportNow): boolean =>
  itemsBefore === undefined &&
  before.boot_id === report.bootId &&
  before.agent_version === report.agentVersion &&
  before.observed_generation === report.observedGeneration &&
  before.conditions === conditions &&
  before.endpoints === endpoints

function standingOf(before: ReportBefore, items: readonly ItemReport[]): DeviceStanding | undefined {
  const { agent_version, boot_id, observed_generation, conditions, endpoints } = before
  if (agent_version === null || boot_id === null || conditions === null || endpoints === null) return undefined
  return {
    agentVersion: agent_version,
    bootId: boot_id,
    observedGeneration: observed_generation ?? 0,
    items: [...items],
    conditions: fromJson(conditions),
    endpoints: fromJson(endpoints),
  }
}
