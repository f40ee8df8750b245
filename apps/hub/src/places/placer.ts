/**
 * Placer: keeps the devices of each deployment with a placement policy as the policy wants them. It runs after a change
 * of devices or their items, and every few seconds, because silence is no event. It derives its actions from stored
 * state, so lost or repeated events only cost time.
 */
import type { Placing } from '@skerry/core/places/place'
import { moveWords } from '@skerry/core/places/place-text'
import { type Placed, relieve } from '@skerry/core/places/relief'
import { appendAudit } from '../audit/audit-store.ts'
import { type DeploymentInForce, deploymentsInForce, findDeployment } from '../deployments/deployment-store.ts'
import { populationOf } from '../deployments/population.ts'
import type { Hub } from '../hub.ts'
import { type ReplicaScales, scaleReplicas } from '../scaling/replica-scaler.ts'
import type { Tx } from '../store/store.ts'
import { isNews, keepPlacing, type PlacedChange } from './pick-store.ts'
import { keepReserves } from './reserve-store.ts'

/** A successor that became active ends the replica before it within this time. */
const LOOK_MS = 1_000

/** Without any event: silence is noticed within this time after `failoverSeconds`. */
const AGAIN_MS = 5_000

/** After a pass the placer rests for this many times its duration, so that a large fleet costs 5 % of a core at most. */
const REST = 20

/** Runs until it is disposed. */
export function startPlacer(hub: Hub): AsyncDisposable {
  const stop = new AbortController()
  let isDirty = true
  const stops = (['device.changed', 'items.changed', 'everything.changed'] as const).map((topic) =>
    hub.bus.subscribe(topic, undefined, () => {
      isDirty = true
    }),
  )
  const scales: ReplicaScales = new Map()
  const running = (async () => {
    let lookedAtMs = Number.NEGATIVE_INFINITY
    while (!stop.signal.aborted) {
      const startMs = hub.clock.monotonicMs()
      let restMs = LOOK_MS
      if (isDirty || startMs - lookedAtMs >= AGAIN_MS) {
        isDirty = false
        lookedAtMs = startMs
        const hasRelief = await placeAll(hub, scales, stop.signal).catch((error: unknown) => {
          hub.log.error('placer_failed', { error })
          return false
        })
        isDirty ||= hasRelief
        restMs = Math.max(LOOK_MS, REST * (hub.clock.monotonicMs() - startMs))
      }
      await hub.clock.sleep(restMs, stop.signal).catch(() => undefined)
    }
  })()
  return {
    async [Symbol.asyncDispose]() {
      for (const end of stops) end()
      stop.abort()
      await running
    },
  }
}

/** Places each deployment that has a policy. Costs one query if none has. True if the next look will have other facts. */
async function placeAll(hub: Hub, scales: ReplicaScales, signal: AbortSignal): Promise<boolean> {
  let hasRelief = false
  const rows = await hub.store.db
    .selectFrom('deployments')
    .select('organisation_id')
    .distinct()
    .where('is_placed', '=', 1)
    .execute()
  for (const { organisation_id: organisationId } of rows) {
    const deployments = await deploymentsInForce(hub.store.db, organisationId)
    const placed: Placed[] = []
    for (const deployment of deployments.filter(({ spec }) => spec.placement)) {
      if (signal.aborted) return false
      await scaleReplicas(hub, deployment, { scales, tickMs: AGAIN_MS })
      const placing = await placeDeployment(hub, deployment)
      const isMovable = typeof deployment.spec.placement?.replicas === 'number'
      if (placing) placed.push({ id: deployment.id, isMovable, placing })
    }
    const { reserves, isStopped } = relieve(placed)
    if (isStopped) hub.log.info('relief_stopped', { deployments: placed.length })
    if (await keepReserves(hub.store, organisationId, reserves)) hasRelief = true
  }
  return hasRelief
}

/** Stores the decision if it is news, and wakes the rollout engine, which moves the devices. */
async function placeDeployment(hub: Hub, deployment: DeploymentInForce): Promise<Placing | undefined> {
  const { organisationId, name, revision } = deployment
  const nowMs = hub.clock.nowMs()
  // The fleet is judged outside the transaction: with 10,000 devices it takes a part of a second.
  const { placing } = await populationOf(hub.store.db, deployment, nowMs)
  if (!placing || !(await isNews(hub.store.db, deployment, placing))) return placing
  const change = await hub.store.transaction(async (tx) => {
    const present = await findDeployment(tx, organisationId, name)
    if (present?.revision !== revision) return undefined
    const kept = await keepPlacing(tx, deployment, { placing, nowMs })
    if (kept.changed.length > 0) await record(tx, deployment, { change: kept, unmet: placing.unmet, nowMs })
    return kept
  })
  for (const deviceId of change?.changed ?? []) hub.bus.publish('device.changed', deviceId)
  if (change && change.changed.length > 0) {
    const { gained, lost } = change
    hub.log.info('deployment_placed', { deployment: name, gained: gained.length, lost: lost.length })
  }
  return placing
}

/** Names in one audit record; the decision itself is shown by `placement explain`. */
const NAMES_MAX = 20

type Recorded = { change: PlacedChange; unmet: number; nowMs: number }

async function record(tx: Tx, { organisationId, name }: DeploymentInForce, { change, unmet, nowMs }: Recorded) {
  const { gained, lost } = change
  await appendAudit(tx, {
    organisationId,
    atMs: nowMs,
    actor: { kind: 'hub', id: '', name: 'hub' },
    action: 'placement.move',
    object: { kind: 'deployment', id: name },
    result: 'ok',
    detail: {
      gained: gained.slice(0, NAMES_MAX),
      lost: lost.slice(0, NAMES_MAX),
      message: moveWords({ gained, lost, unmet }),
    },
  })
}
