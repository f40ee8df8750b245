/**
 * Intrusion webhooks: the leader tells each organisation's webhook of its findings, one after the other, from a place that lies in the store and
 * moves once a finding was taken: a kill or a lost lead tells some of it twice, and loses none. What was not taken for a day is given up, which
 * stands beside the webhook. Each has its own pace: one that is slow or gone keeps no other waiting.
 */
import type { OrganisationId } from '@skerry/contract/values/ids'
import { backoffMs } from '@skerry/core/values/backoff'
import type { Hub } from '../hub.ts'
import { fromJson, toJson } from '../store/json-column.ts'
import type { IntrusionTable, IntrusionWebhookTable } from '../store/tables/intrusion-tables.ts'
import { changeWebhook, findWebhook, listWebhooks, nextFinding } from './intrusion-webhook-store.ts'
import { isTaken, messageOf, tellFinding } from './tell-finding.ts'

/** An alarm should not wait long; looking costs a query. */
const LOOK_MS = 1_000

/** A receiver that restarts is back within seconds; one that is gone for long is asked every five minutes. */
const BACKOFF_MIN_MS = 5_000
const BACKOFF = { baseMs: BACKOFF_MIN_MS, maxMs: 300_000 - BACKOFF_MIN_MS }

/** Older news is read in the list of findings; a receiver that comes back must not be flooded with what is long over. */
const GIVE_UP_MS = 24 * 3_600_000

type Pace = { revision: number; notBeforeMs: number; isBusy: boolean }

/** Begins; ends with `hub.signal` at the latest. */
export function startIntrusionWebhooks(hub: Hub): AsyncDisposable {
  const stop = new AbortController()
  const running = run({ ...hub, signal: AbortSignal.any([hub.signal, stop.signal]) })
  return {
    async [Symbol.asyncDispose]() {
      stop.abort(new DOMException('the hub is no longer the leader', 'AbortError'))
      await running
    },
  }
}

async function run(hub: Hub): Promise<void> {
  const paces = new Map<OrganisationId, Pace>()
  const tasks = new Set<Promise<void>>()
  while (!hub.signal.aborted) {
    const rows = await listWebhooks(hub.store.db).catch((error: unknown) => {
      if (!hub.signal.aborted) hub.log.error('loop_failed', { loop: 'intrusion_webhooks', error })
      return []
    })
    for (const row of rows) {
      const pace = paceOf(paces, row)
      if (pace.isBusy || pace.notBeforeMs > hub.clock.nowMs()) continue
      pace.isBusy = true
      const task = tellAll(hub, row, pace).finally(() => {
        pace.isBusy = false
        tasks.delete(task)
      })
      tasks.add(task)
    }
    await hub.clock.sleep(LOOK_MS, hub.signal).catch(() => undefined)
  }
  await Promise.all(tasks)
}

/** Set anew, it does not wait for what the one before has failed at. */
function paceOf(paces: Map<OrganisationId, Pace>, { organisation_id, revision }: IntrusionWebhookTable): Pace {
  const known = paces.get(organisation_id)
  if (known?.revision === revision) return known
  const fresh = { revision, notBeforeMs: 0, isBusy: false }
  paces.set(organisation_id, fresh)
  return fresh
}

async function tellAll(hub: Hub, row: IntrusionWebhookTable, pace: Pace): Promise<void> {
  try {
    for (let now = row; !hub.signal.aborted; ) {
      const finding = await nextFinding(hub.store.db, now)
      if (!finding) return
      const problem = await tell(hub, now, finding)
      if (hub.signal.aborted) return
      if (problem !== undefined) return await noteFailure(hub, { row: now, finding, pace, problem })
      const done = { ...placeOf(finding), sent_at_ms: hub.clock.nowMs(), problem: null }
      await hub.store.transaction((tx) => changeWebhook(tx, now, done))
      now = { ...now, ...done }
    }
  } catch (error) {
    pace.notBeforeMs = hub.clock.nowMs() + BACKOFF_MIN_MS
    if (!hub.signal.aborted) hub.log.error('loop_failed', { loop: 'intrusion_webhooks', error })
  }
}

const placeOf = ({ sequence, id }: IntrusionTable) => ({ done_sequence: sequence, done_id: id })

/** Why it was not taken; undefined where it was. */
async function tell(hub: Hub, row: IntrusionWebhookTable, finding: IntrusionTable): Promise<string | undefined> {
  try {
    const reply = await tellFinding(hub, row, messageOf(finding), hub.signal)
    if ('error' in reply) return reply.error.slice(0, 500)
    return isTaken(reply) ? undefined : `the webhook answered ${reply.status}`
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).slice(0, 500)
  }
}

type Failure = { row: IntrusionWebhookTable; finding: IntrusionTable; pace: Pace; problem: string }

async function noteFailure(hub: Hub, { row, finding, pace, problem: message }: Failure): Promise<void> {
  const { clock, log, metrics, random, store } = hub
  const nowMs = clock.nowMs()
  const { attempts, isGivenUp } = await store.transaction(async (tx) => {
    const before = (await findWebhook(tx, row.organisation_id)) ?? row
    const known = before.problem === null ? undefined : fromJson(before.problem)
    const problem = { message, sinceMs: known?.sinceMs ?? nowMs, attempts: (known?.attempts ?? 0) + 1 }
    // From when it was found and the webhook was failing: each has a day of its own.
    const isGivenUp = nowMs - Math.max(problem.sinceMs, finding.found_at_ms) >= GIVE_UP_MS
    await changeWebhook(tx, row, {
      problem: toJson(problem),
      ...(isGivenUp && { ...placeOf(finding), given_up: givenUp(before, finding, { nowMs, message }) }),
    })
    return { attempts: problem.attempts, isGivenUp }
  })
  pace.notBeforeMs = nowMs + BACKOFF_MIN_MS + backoffMs(attempts - 1, BACKOFF, random())
  metrics.intrusionWebhookFailures.inc()
  const facts = { organisationId: row.organisation_id, intrusion: finding.id, attempts, message }
  log.warn(isGivenUp ? 'intrusion_webhook_gave_up' : 'intrusion_webhook_failed', facts)
}

function givenUp(
  { given_up }: IntrusionWebhookTable,
  { id }: IntrusionTable,
  { nowMs, message }: { nowMs: number; message: string },
) {
  return toJson({ count: fromJson(given_up).count + 1, newest: { intrusion: id, atMs: nowMs, message } })
}
