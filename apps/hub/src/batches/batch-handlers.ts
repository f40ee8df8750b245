/** Handlers of the procedures on batches. */
import { BatchId } from '@skerry/contract/values/ids'
import { PAGE_LIMIT_MAX } from '@skerry/contract/values/names'
import { noCounts } from '@skerry/core/batches/batch'
import { isWithin } from '@skerry/core/people/scope'
import type { KeyCall } from '../http/call.ts'
import { type HandlersOf, os } from '../http/implementer.ts'
import { pageFrom } from '../http/page.ts'
import { problem } from '../http/problem.ts'
import { visibleRows } from '../scopes/scope-rows.ts'
import { toJson } from '../store/json-column.ts'
import type { BatchTable } from '../store/tables/batch-tables.ts'
import { handOf } from './batch-hand.ts'
import { cancelBatch, retryBatch, sendBatch, signBatch } from './batch-steering.ts'
import { batchOf, findBatch, listBatches } from './batch-store.ts'
import { batchTargets } from './batch-targets.ts'
import { batchDeviceOf, findJob, insertJobs, listJobs, outputOf, problemsOf } from './job-store.ts'

/** Codes shown to a person. The list of devices has all others. */
const PROBLEMS_MAX = 20

export const batchHandlers: HandlersOf<'batch'> = {
  plan: os.batch.plan.handler(async ({ context: { hub, organisationId }, input: { selector } }) => {
    const targets = await batchTargets(hub.store.db, { organisationId, selector, nowMs: hub.clock.nowMs() })
    const online = targets.filter((target) => target.online).length
    return { count: targets.length, online, devices: targets.slice(0, PAGE_LIMIT_MAX) }
  }),
  create: os.batch.create.handler(async ({ context, input }) => {
    const { hub, organisationId, caller } = context
    const { command, selector, reason, rate, timeoutSeconds } = input
    const nowMs = hub.clock.nowMs()
    const targets = await batchTargets(hub.store.db, { organisationId, selector, nowMs })
    if (targets.length === 0) throw problem('batch_empty')
    const startAtMs = Math.max(nowMs, input.startAtMs ?? nowMs)
    const expiresAtMs = startAtMs + input.expiresInSeconds * 1_000
    const row: BatchTable = {
      id: hub.ids.batch(),
      organisation_id: organisationId,
      status: 'draft',
      kind: command.kind,
      command: toJson(command),
      selector,
      reason: reason ?? null,
      rate: rate ? toJson(rate) : null,
      pace: toJson([]),
      counts: toJson({ ...noCounts, waiting: targets.length }),
      devices: targets.length,
      attempt: 1,
      start_at_ms: startAtMs,
      expires_at_ms: expiresAtMs,
      timeout_ms: timeoutSeconds * 1_000,
      envelope: null,
      output_bytes: 0,
      created_at_ms: nowMs,
      created_by: toJson(handOf(caller, nowMs)),
      signed_by: null,
      sent_by: null,
      cancelled_by: null,
      ended_at_ms: null,
    }
    await context.change(async (tx, note) => {
      note.object.id = row.id
      const why = reason === undefined ? {} : { reason }
      note.detail = { command, selector, devices: targets.length, startAtMs, expiresAtMs, ...why }
      await tx.insertInto('batches').values(row).execute()
      await insertJobs(tx, { id: row.id, organisationId }, targets)
    })
    return batchOf(row)
  }),
  list: os.batch.list.handler(
    async ({ context: { hub, organisationId, scope }, input: { after, limit, ...filter } }) => {
      // A text that is no id names no row. The page after it is the first page.
      const rows = await visibleRows(
        { limit: limit + 1, after: BatchId.safeParse(after).data },
        (place) => listBatches(hub.store.db, { organisationId, ...place, ...filter }),
        { keyOf: ({ id }) => id, isVisible: ({ selector }) => !scope || isWithin(selector, scope.text) },
      )
      return pageFrom(rows.map(batchOf), limit, ({ id }) => id)
    },
  ),
  get: os.batch.get.handler(async ({ context, input: { batch } }) => ({
    ...batchOf(await knownBatch(context, batch)),
    problems: await problemsOf(context.hub.store.db, batch, PROBLEMS_MAX),
  })),
  devices: os.batch.devices.handler(async ({ context, input: { batch, limit, ...query } }) => {
    await knownBatch(context, batch)
    const rows = await listJobs(context.hub.store.db, { batchId: batch, limit: limit + 1, ...query })
    return pageFrom(rows.map(batchDeviceOf), limit, ({ device }) => device)
  }),
  output: os.batch.output.handler(async ({ context, input: { batch, device } }) => {
    const { db } = context.hub.store
    await knownBatch(context, batch)
    const job = await findJob(db, batch, device)
    if (!job) throw problem('device_unknown', 'the batch is not for this device')
    const output = await outputOf(db, batch, job.device_id)
    await context.change(async (_tx, note) => {
      note.object.id = batch
      note.detail = { device: job.device, deviceId: job.device_id, outputBytes: job.output_bytes }
    })
    return { ...batchDeviceOf(job), ...(output !== undefined && { output }) }
  }),
  sign: os.batch.sign.handler(({ context, input }) => signBatch(context, input.batch)),
  send: os.batch.send.handler(({ context, input }) => sendBatch(context, input.batch)),
  cancel: os.batch.cancel.handler(({ context, input }) => cancelBatch(context, input.batch, input.reason)),
  retry: os.batch.retry.handler(({ context, input }) => retryBatch(context, input.batch)),
}

async function knownBatch({ hub, organisationId }: KeyCall, batchId: BatchId): Promise<BatchTable> {
  const row = await findBatch(hub.store.db, { organisationId, batchId })
  if (!row) throw problem('batch_unknown')
  return row
}
