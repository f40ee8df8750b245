/** Handlers of the procedures on rollouts. */

import type { Rollout } from '@skerry/contract/rollouts/rollout'
import { RolloutId } from '@skerry/contract/values/ids'
import { endedRolloutAdvice } from '@skerry/core/deployments/rollback/rollback'
import { isEnded } from '@skerry/core/rollouts/rollout-state'
import { withVersionCounts } from '../deployments/version-count-store.ts'
import type { KeyCall } from '../http/call.ts'
import { type HandlersOf, os } from '../http/implementer.ts'
import { pageFrom } from '../http/page.ts'
import { problem, throwProblem } from '../http/problem.ts'
import { visibleRows } from '../scopes/scope-rows.ts'
import type { Tx } from '../store/store.ts'
import { type ChangePlace, countMembers, listChanges, listMembers } from './member-store.ts'
import { publishRollouts } from './publish-rollouts.ts'
import { listEvents, placeOf, placeText } from './rollout-events.ts'
import { isRolloutIn } from './rollout-scope.ts'
import { rolloutSubject, sendEvents } from './rollout-step.ts'
import { findRollout, findRolloutView, listRollouts, type RolloutRecord } from './rollout-store.ts'
import { withSilentDevices } from './silent-store.ts'
import { waitForRollout } from './wait-for-rollout.ts'

const NO_PLACE = 'after must be a value from an earlier answer'

/** The place before the first change; a row that has never changed has the number 0. */
const NOTHING_SEEN: ChangePlace = { sequence: -1, deviceId: '' }

function changePlaceOf(text: string | undefined): ChangePlace {
  if (text === undefined) return NOTHING_SEEN
  const [, sequence, deviceId] = /^(-1|[0-9]{1,15})\.([a-z0-9_]{0,64})$/.exec(text) ?? []
  if (sequence === undefined || deviceId === undefined) throw problem('input_invalid', NO_PLACE)
  return { sequence: Number(sequence), deviceId }
}

/**
 * Fast enough to feel live. If a fleet of 10,000 reports within seconds, each watcher costs ten queries a second, not a
 * thousand.
 */
const WATCH_MS = 100

type Wished = 'pause' | 'resume' | 'approve' | 'retry' | 'abort' | 'rollback'
type Wish = { rollout: RolloutId; reason: string }

export const rolloutHandlers: HandlersOf<'rollout'> = {
  list: os.rollout.list.handler(
    async ({ context: { hub, organisationId, scope }, input: { limit, after, deployment } }) => {
      const { db } = hub.store
      // A text that is no id names no row. The page after it is the first page.
      const last = RolloutId.safeParse(after).data
      const rows = await visibleRows(
        { limit: limit + 1, after: last },
        (place) => listRollouts(db, { organisationId, ...place, deployment }),
        { keyOf: ({ id }) => id, isVisible: ({ id }) => isRolloutIn({ db, organisationId, scope }, id) },
      )
      const nowMs = hub.clock.nowMs()
      const shown = await withSilentDevices(db, await withVersionCounts(db, rows, nowMs), nowMs)
      return pageFrom(shown, limit, (rollout) => rollout.id)
    },
  ),
  get: os.rollout.get.handler(({ context, input }) => shownRollout(context, input.rollout)),
  devices: os.rollout.devices.handler(async ({ context, input: { rollout, limit, after, outcome } }) => {
    const { hub, organisationId } = context
    await knownRollout(context, rollout)
    const query = { organisationId, rolloutId: rollout, limit: limit + 1, after, outcome }
    return pageFrom(await listMembers(hub.store.db, query), limit, (row) => row.device)
  }),
  changes: os.rollout.changes.handler(async ({ context, input: { rollout, limit, after } }) => {
    const { hub, organisationId } = context
    await knownRollout(context, rollout)
    const place = changePlaceOf(after)
    const query = { organisationId, rolloutId: rollout, limit, after: place }
    const { devices: rows, last } = await listChanges(hub.store.db, query)
    return {
      rows,
      seen: `${last.sequence}.${last.deviceId}`,
      isMore: rows.length === limit,
      devices: await countMembers(hub.store.db, rollout),
    }
  }),
  events: os.rollout.events.handler(async ({ context, input: { rollout, limit, after } }) => {
    const { hub, organisationId } = context
    await knownRollout(context, rollout)
    const before = after === undefined ? undefined : placeOf(after)
    if (after !== undefined && !before) throw problem('input_invalid', NO_PLACE)
    const found = await listEvents(hub.store.db, { organisationId, rolloutId: rollout, limit: limit + 1, before })
    const { rows, next } = pageFrom(found, limit, placeText)
    return { rows: rows.map(({ event }) => event), ...(next !== undefined && { next }) }
  }),
  watch: os.rollout.watch.handler(async ({ context, input, signal }) => {
    // Checked before the stream begins, so that an unknown rollout is a 404 and not a broken stream.
    await knownRollout(context, input.rollout)
    return watchRollout(context, input.rollout, signal)
  }),
  pause: os.rollout.pause.handler(({ context, input }) => steer(context, 'pause', input)),
  resume: os.rollout.resume.handler(({ context, input }) => steer(context, 'resume', input)),
  retry: os.rollout.retry.handler(({ context, input }) => steer(context, 'retry', input)),
  approve: os.rollout.approve.handler(({ context, input }) => steer(context, 'approve', input)),
  abort: os.rollout.abort.handler(({ context, input }) => steer(context, 'abort', input)),
  rollback: os.rollout.rollback.handler(({ context, input }) => steer(context, 'rollback', input)),
}

async function knownRollout({ hub, organisationId }: KeyCall, rolloutId: RolloutId): Promise<Rollout> {
  const rollout = await findRolloutView(hub.store.db, { organisationId, rolloutId })
  if (!rollout) throw problem('rollout_unknown')
  return rollout
}

async function shownRollout(call: KeyCall, rolloutId: RolloutId): Promise<Rollout> {
  const { store, clock } = call.hub
  const nowMs = clock.nowMs()
  const rollout = await knownRollout(call, rolloutId)
  const counted = await withVersionCounts(store.db, [rollout], nowMs)
  const [shown = rollout] = await withSilentDevices(store.db, counted, nowMs)
  return shown
}

/** Ends with the rollout, or when its deployment is removed. */
async function* watchRollout({ hub, organisationId }: KeyCall, rolloutId: RolloutId, signal: AbortSignal | undefined) {
  const ended = AbortSignal.any([hub.signal, ...(signal ? [signal] : [])])
  let shown = ''
  while (!ended.aborted) {
    const changed = waitForRollout(hub, rolloutId, ended)
    const found = await findRolloutView(hub.store.db, { organisationId, rolloutId })
    const nowMs = hub.clock.nowMs()
    const counted = await withVersionCounts(hub.store.db, found ? [found] : [], nowMs)
    const [rollout] = await withSilentDevices(hub.store.db, counted, nowMs)
    if (!rollout) return
    const text = JSON.stringify(rollout)
    if (text !== shown) yield rollout
    shown = text
    if (isEnded(rollout)) return
    await hub.clock.sleep(WATCH_MS, ended).catch(() => undefined)
    await changed
  }
}

async function steer(call: KeyCall, kind: Wished, wish: Wish): Promise<Rollout> {
  const { hub, organisationId } = call
  const { rollout: rolloutId, reason } = wish
  await call.change(async (tx, note) => {
    note.detail = { reason }
    const rollout = await findRollout(tx, { organisationId, rolloutId })
    if (!rollout) throw problem('rollout_unknown')
    const sent = await sendEvents(tx, rollout, [{ kind, reason }], hub.clock.nowMs())
    if (!sent.ok) {
      if (kind === 'rollback' && isEnded(rollout.state)) throw await endedProblem(tx, rollout)
      throwProblem(sent)
    }
    note.detail = { reason, ...(await rolloutSubject(tx, rollout)) }
  })
  publishRollouts(hub, [rolloutId])
  return shownRollout(call, rolloutId)
}

/** A rollout that has ended has nothing to roll back. Its deployment has. */
async function endedProblem(tx: Tx, { state, deployment_id }: RolloutRecord) {
  const { name } = await tx
    .selectFrom('deployments')
    .select('name')
    .where('id', '=', deployment_id)
    .executeTakeFirstOrThrow()
  return problem('rollout_event_refused', endedRolloutAdvice(state.status, name))
}
