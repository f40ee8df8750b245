/**
 * Syslog export: the leader sends each trail to its receiver, in the order of the chain, from a cursor that lies in the store. The cursor moves
 * once a receiver has taken what was sent (syslog-line.ts): a kill, a lost lead or a lost connection sends some of it twice, and loses none.
 * Each receiver has its own pace: one that is slow or gone keeps no other waiting.
 */
import type { SyslogTarget } from '@skerry/contract/audit/audit-export'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { syslogCheckpoint, syslogRecord } from '@skerry/core/audit/syslog-message'
import { backoffMs } from '@skerry/core/values/backoff'
import { listAudit } from '../audit/audit-store.ts'
import { listCheckpoints } from '../audit/checkpoint-store.ts'
import type { Hub } from '../hub.ts'
import { fromJson } from '../store/json-column.ts'
import type { SyslogTable } from '../store/tables/syslog-tables.ts'
import { handOver } from './syslog-line.ts'
import { listSyslog, moveSyslog, problemColumn, syslogKeyPlace } from './syslog-store.ts'
import { urlOf } from './syslog-url.ts'

/** An alarm should not wait long; looking costs a query. */
const LOOK_MS = 1_000

/** A megabyte or so, which takes a tenth of a second; a receiver that cannot take so many in time gets half as many, down to one. */
const MESSAGES_MAX = 1_000

const HANDOVER_MS = 60_000

/** A receiver that restarts is back within seconds; one that is gone for days is asked every five minutes. */
const BACKOFF = { baseMs: 2_000, maxMs: 300_000 }

export type SyslogPace = { messagesMax: number; notBeforeMs: number; isBusy: boolean }

/** Begins; ends with `hub.signal` at the latest. */
export function startSyslog(hub: Hub): AsyncDisposable {
  const stop = new AbortController()
  const signal = AbortSignal.any([hub.signal, stop.signal])
  const paces = new Map<OrganisationId, SyslogPace>()
  const running = run({ ...hub, signal }, paces)
  return {
    async [Symbol.asyncDispose]() {
      stop.abort(new DOMException('the hub is no longer the leader', 'AbortError'))
      await running
    },
  }
}

async function run(hub: Hub, paces: Map<OrganisationId, SyslogPace>): Promise<void> {
  const tasks = new Set<Promise<void>>()
  while (!hub.signal.aborted) {
    const rows = await listSyslog(hub.store.db).catch((error: unknown) => {
      if (!hub.signal.aborted) hub.log.error('loop_failed', { loop: 'syslog', error })
      return []
    })
    for (const row of rows) {
      const pace = paceOf(paces, row.organisation_id)
      if (pace.isBusy || pace.notBeforeMs > hub.clock.nowMs()) continue
      pace.isBusy = true
      const task = sendOn(hub, row, pace).finally(() => {
        pace.isBusy = false
        tasks.delete(task)
      })
      tasks.add(task)
    }
    await hub.clock.sleep(LOOK_MS, hub.signal).catch(() => undefined)
  }
  await Promise.all(tasks)
}

function paceOf(paces: Map<OrganisationId, SyslogPace>, organisationId: OrganisationId): SyslogPace {
  const known = paces.get(organisationId)
  if (known) return known
  const fresh = { messagesMax: MESSAGES_MAX, notBeforeMs: 0, isBusy: false }
  paces.set(organisationId, fresh)
  return fresh
}

/** Sends until nothing waits; a failure is written down, and tried again later with less. */
async function sendOn(hub: Hub, row: SyslogTable, pace: SyslogPace): Promise<void> {
  try {
    for (let next: SyslogTable | undefined = row; next && !hub.signal.aborted; ) {
      next = await sendSome(hub, next, pace.messagesMax)
      pace.messagesMax = Math.min(MESSAGES_MAX, pace.messagesMax * 2)
    }
  } catch (error) {
    if (!hub.signal.aborted) await noteFailure(hub, row, pace, error)
  }
}

/** Gives the row as it stands then; undefined where nothing waits. */
async function sendSome(hub: Hub, row: SyslogTable, limit: number): Promise<SyslogTable | undefined> {
  const { store, clock, webhooks, signal } = hub
  const target = fromJson(row.target)
  const { messages, sequence, checkpoint } = await messagesAfter(hub, row, target, limit)
  if (messages.length === 0) return undefined
  const address = await webhooks.addressOf(urlOf(target), AbortSignal.any([signal, AbortSignal.timeout(HANDOVER_MS)]))
  const privateKeyPem = await privateKeyOf(hub, row)
  await handOver({ target, address: address.address, privateKeyPem, messages, timeoutMs: HANDOVER_MS }, signal)
  const moved = { sent_sequence: sequence, sent_checkpoint: checkpoint, sent_at_ms: clock.nowMs(), problem: null }
  await store.transaction((tx) => moveSyslog(tx, row, moved))
  return { ...row, ...moved }
}

async function messagesAfter({ store: { db }, config }: Hub, row: SyslogTable, target: SyslogTarget, limit: number) {
  const origin = { host: new URL(config.publicUrl()).hostname, facility: target.facility }
  const { organisation_id: organisationId, sent_sequence, sent_checkpoint } = row
  const records = await listAudit(db, { organisationId, limit, fromSequence: sent_sequence + 1 })
  const sequence = records.at(-1)?.sequence ?? sent_sequence
  const signed = await listCheckpoints(db, { organisationId, limit, after: sent_checkpoint })
  // Of what is sent, or was; each right after its record where it was signed in time.
  const checkpoints = signed.filter((each) => each.sequence <= sequence)
  const messages: string[] = []
  const waiting = checkpoints.toReversed()
  const tellSigned = (through: number) => {
    for (let next = waiting.at(-1); next && next.sequence <= through; next = waiting.at(-1)) {
      waiting.pop()
      messages.push(syslogCheckpoint(next, origin))
    }
  }
  tellSigned(sent_sequence)
  for (const record of records) {
    messages.push(syslogRecord(record, origin))
    tellSigned(record.sequence)
  }
  return { messages, sequence, checkpoint: checkpoints.at(-1)?.sequence ?? sent_checkpoint }
}

async function privateKeyOf({ vault, store }: Hub, { organisation_id, private_key }: SyslogTable) {
  if (private_key === null) return undefined
  return (await vault.open(store.db, syslogKeyPlace(organisation_id), private_key)).toString()
}

async function noteFailure(hub: Hub, row: SyslogTable, pace: SyslogPace, error: unknown): Promise<void> {
  const { clock, log, metrics, random, store } = hub
  const message = wordsOf(error).slice(0, 500)
  pace.messagesMax = Math.max(1, Math.floor(pace.messagesMax / 2))
  try {
    const attempts = await store.transaction(async (tx) => {
      const before = await tx
        .selectFrom('syslog_exports')
        .select('problem')
        .where('organisation_id', '=', row.organisation_id)
        .executeTakeFirst()
      const known = before?.problem ? fromJson(before.problem) : undefined
      const problem = { message, sinceMs: known?.sinceMs ?? clock.nowMs(), attempts: (known?.attempts ?? 0) + 1 }
      await moveSyslog(tx, row, problemColumn(problem))
      return problem.attempts
    })
    pace.notBeforeMs = clock.nowMs() + LOOK_MS + backoffMs(attempts - 1, BACKOFF, random())
    metrics.syslogFailures.inc()
    log.warn('syslog_failed', { organisationId: row.organisation_id, attempts, message })
  } catch (failure) {
    if (!hub.signal.aborted) log.error('loop_failed', { loop: 'syslog', error: failure })
  }
}

/** Of what TLS says, the reason alone: the rest is about memory and lines of C. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return 'reason' in error && typeof error.reason === 'string' ? error.reason : error.message
}
