/**
 * DDI desk: answers the devices that speak DDI. Each message changes the record of the device by the decisions of core,
 * and becomes a report of the device, as an agent would send it.
 */
import type { DesiredDocument } from '@skerry/contract/devices/desired'
import { errors } from '@skerry/contract/errors/errors'
import type { DdiVerdict } from '@skerry/core/ddi/ddi-feedback'
import type { DdiRecord } from '@skerry/core/ddi/ddi-record'
import { ddiReport } from '@skerry/core/ddi/ddi-report'
import { type DdiStep, seenAction, stepDdi } from '@skerry/core/ddi/ddi-step'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { windowStart } from '@skerry/platform/process/window-starts'
import { throwProblem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { newestDocument } from '../link/issued-store.ts'
import type { ReportFlusher } from '../link/reports/report-flusher.ts'
import type { ReportPace } from '../link/reports/report-pace.ts'
import { toJson } from '../store/json-column.ts'
import type { Db } from '../store/store.ts'
import { type DdiRow, findDdi, recordOf, storeRecord } from './ddi-store.ts'

export type DdiDesk = {
  /** A poll: the present order, and the time until the next poll. */
  poll(row: DdiRow): Promise<DdiStep & { pollMs: number }>
  /** The device has read its order. */
  see(row: DdiRow, actionId: number): Promise<void>
  /** Changes the record by a message of the device. Throws the rejection of core. */
  hear(row: DdiRow, take: (record: DdiRecord) => DdiVerdict): Promise<void>
}

type DeskDeps = { hub: Hub; reports: ReportFlusher; pace: ReportPace; pollMs: number }

export function createDdiDesk({ hub, reports, pace, pollMs: usualMs }: DeskDeps): DdiDesk {
  const { store, clock } = hub
  const report = async ({ device_id, controller_id }: DdiRow, seen: Looked, intervalMs: number) => {
    const { step, document } = seen
    const facts = { record: step.record, document, hold: step.hold, controllerId: controller_id }
    const made = ddiReport({ ...facts, deviceId: device_id, nowMs: clock.nowMs() })
    await reports.submit(device_id, { report: made, unread: [] }, intervalMs)
  }
  const change = (row: DdiRow, take: (record: DdiRecord) => DdiRecord) =>
    store.transaction(async (tx) => {
      const now = await findDdi(tx, row.device_id)
      // The device was removed meanwhile.
      if (!now) return undefined
      const record = take(recordOf(now))
      const seen = await lookAt(hub, tx, { ...now, record: toJson(record) })
      if (canonicalJson(seen.step.record) !== canonicalJson(recordOf(now))) {
        await storeRecord(tx, row.device_id, seen.step.record)
      }
      return seen
    })
  return {
    async poll(row) {
      const first = await lookAt(hub, store.db, row)
      const isNews = canonicalJson(first.step.record) !== canonicalJson(recordOf(row))
      const seen = (isNews ? await change(row, (record) => record) : first) ?? first
      const pollMs = await pace.intervalMs(row.device_id, usualMs)
      await report(row, seen, pollMs)
      return { ...seen.step, pollMs }
    },
    async see(row, actionId) {
      if (seenAction(recordOf(row), actionId) === recordOf(row)) return
      await change(row, (record) => seenAction(record, actionId))
    },
    async hear(row, take) {
      const seen = await change(row, (record) => {
        const verdict = take(record)
        if (!verdict.ok) throwProblem({ code: verdict.code, message: errors[verdict.code].message })
        return verdict.record
      })
      if (seen) await report(row, seen, usualMs)
    },
  }
}

type Looked = { step: DdiStep; document: DesiredDocument | undefined }

/** The order of this moment. A device that a person does not trust keeps its order, and gets no new one. */
async function lookAt(hub: Hub, db: Db, row: DdiRow): Promise<Looked> {
  const document = await newestDocument(db, row.device_id)
  const record = recordOf(row)
  if (row.status !== 'active') return { step: { record, offer: { kind: 'none' } }, document }
  const updates = { timeMs: hub.clock.nowMs(), windowStart, locks: [] }
  const step = stepDdi(record, { items: document?.items ?? [], updates, mustConfirm: row.must_confirm === 1 })
  const { lastGoodGeneration } = ddiReport({
    record: step.record,
    document,
    hold: step.hold,
    deviceId: row.device_id,
    controllerId: row.controller_id,
    nowMs: updates.timeMs,
  })
  const isSame = step.record.lastGood === lastGoodGeneration
  return { step: isSame ? step : { ...step, record: { ...step.record, lastGood: lastGoodGeneration } }, document }
}
