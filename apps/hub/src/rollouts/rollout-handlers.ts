/** Procedures on rollouts. */
import { RolloutId } from '@skerry/contract/ids'
import type { Rollout } from '@skerry/contract/rollout'
import { isEnded } from '@skerry/core/rollout-state'
import type { KeyCall } from '../http/call.ts'
import { os } from '../http/implementer.ts'
import { pageFrom } from '../http/page.ts'
import { problem, throwProblem } from '../http/problem.ts'
import { listMembers } from './member-store.ts'
import { publishRollouts } from './publish-rollouts.ts'
import { sendEvents } from './rollout-step.ts'
import { findRollout, findRolloutView, listRollouts } from './rollout-store.ts'
import { waitForRollout } from './wait-for-rollout.ts'

type Wish = { rollout: RolloutId; reason: string }

export const rolloutHandlers = {
  list: os.rollout.list.handler(async ({ context: { hub, organisationId }, input: { limit, after, deployment } }) => {
    // What is no id names no row: the page after it is the first.
    const last = RolloutId.safeParse(after).data
    const rows = await listRollouts(hub.store.db, { organisationId, limit: limit + 1, after: last, deployment })
    return pageFrom(rows, limit, (rollout) => rollout.id)
  }),
  get: os.rollout.get.handler(({ context, input }) => knownRollout(context, input.rollout)),
  devices: os.rollout.devices.handler(async ({ context, input: { rollout, limit, after, outcome } }) => {
    const { hub, organisationId } = context
    await knownRollout(context, rollout)
    const query = { organisationId, rolloutId: rollout, limit: limit + 1, after, outcome }
    return pageFrom(await listMembers(hub.store.db, query), limit, (row) => row.device)
  }),
  watch: os.rollout.watch.handler(async ({ context, input, signal }) => {
    // Before the stream begins, so that an unknown rollout is a 404 and not a broken stream.
    await knownRollout(context, input.rollout)
    return watchRollout(context, input.rollout, signal)
  }),
  pause: os.rollout.pause.handler(({ context, input }) => steer(context, 'pause', input)),
  resume: os.rollout.resume.handler(({ context, input }) => steer(context, 'resume', input)),
  abort: os.rollout.abort.handler(({ context, input }) => steer(context, 'abort', input)),
  rollback: os.rollout.rollback.handler(({ context, input }) => steer(context, 'rollback', input)),
}

async function knownRollout({ hub, organisationId }: KeyCall, rolloutId: RolloutId): Promise<Rollout> {
  const rollout = await findRolloutView(hub.store.db, { organisationId, rolloutId })
  if (!rollout) throw problem('rollout_unknown')
  return rollout
}

/** Ends with the rollout, or when its deployment is removed. */
async function* watchRollout({ hub, organisationId }: KeyCall, rolloutId: RolloutId, signal: AbortSignal | undefined) {
  const ended = AbortSignal.any([hub.signal, ...(signal ? [signal] : [])])
  let shown = ''
  while (!ended.aborted) {
    const changed = waitForRollout(hub, rolloutId, ended)
    const rollout = await findRolloutView(hub.store.db, { organisationId, rolloutId })
    if (!rollout) return
    const text = JSON.stringify(rollout)
    if (text !== shown) yield rollout
    shown = text
    if (isEnded(rollout)) return
    await changed
  }
}

async function steer(call: KeyCall, kind: 'pause' | 'resume' | 'abort' | 'rollback', wish: Wish): Promise<Rollout> {
  const { hub, organisationId } = call
  const { rollout: rolloutId, reason } = wish
  await call.change(async (tx, note) => {
    note.detail = { reason }
    const rollout = await findRollout(tx, { organisationId, rolloutId })
    if (!rollout) throw problem('rollout_unknown')
    const sent = await sendEvents(tx, rollout, [{ kind, reason }], hub.clock.nowMs())
    if (!sent.ok) throwProblem(sent)
    note.detail = { reason, deploymentId: rollout.deployment_id, revision: rollout.revision }
  })
  publishRollouts(hub, [rolloutId])
  return knownRollout(call, rolloutId)
}
