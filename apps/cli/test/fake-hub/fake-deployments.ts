/** Fake deployments: specs that are stored unchanged, and one rollout whose events a test writes. */
import { type Deployment, DeploymentSpec } from '@skerry/contract/deployments/deployment'
import type { RollbackPlan } from '@skerry/contract/deployments/rollback'
import { Digest } from '@skerry/contract/values/digest'
import { ANOMALY, GATEWAY, NOW_MS, rolloutOf } from './fake-data.ts'
import { HAPPENINGS, ROLLOUT_DEVICES } from './fake-rollout-evidence.ts'
import { type FakeState, type Implementer, refusal } from './fake-state.ts'

export function deploymentRouter(os: Implementer, { deployments, calls }: FakeState) {
  const known = (model: string) => {
    if (model !== ANOMALY.name) throw refusal('model_unknown')
  }
  return {
    list: os.deployment.list.handler(() => ({ rows: deployments.size > 0 ? [...deployments.values()] : [inCanary()] })),
    get: os.deployment.get.handler(({ input }) => {
      const deployment = deployments.get(input.deployment)
      if (!deployment) throw refusal('deployment_unknown')
      return deployment
    }),
    revisions: os.deployment.revisions.handler(({ input }) => {
      const deployment = deployments.get(input.deployment)
      if (!deployment) throw refusal('deployment_unknown')
      const { spec, revision, rolloutId: id } = deployment
      const rollout = { id, status: 'rolling' as const, startedAtMs: NOW_MS - 60_000 }
      const older = { revision: 1, spec: { ...spec, selector: 'true' }, version: 1 }
      const newest = { revision, spec, version: 2, rollout, appliedBy: 'owner' }
      return { rows: revision > 1 ? [newest, older] : [newest] }
    }),
    conflicts: os.deployment.conflicts.handler(({ input }) => {
      if (!deployments.has(input.deployment)) throw refusal('deployment_unknown')
      return { rows: [{ id: GATEWAY.id, name: GATEWAY.name, site: GATEWAY.site, owner: 'elder' }] }
    }),
    plan: os.deployment.plan.handler(({ input }) => {
      known(input.deployable)
      const before = deployments.get(input.name)
      const isSame = JSON.stringify(before?.spec) === JSON.stringify(input)
      return {
        ...planOf(input, { before: before?.version, after: 2 }),
        change: before ? (isSame ? ('none' as const) : ('update' as const)) : ('create' as const),
        leaves: leavesOf(before?.spec, input),
      }
    }),
    apply: os.deployment.apply.handler(({ input: { ifRevision, acknowledgedLeaves, ...spec } }) => {
      known(spec.deployable)
      const before = deployments.get(spec.name)
      if (ifRevision !== undefined && ifRevision !== (before?.revision ?? 0)) throw refusal('revision_stale')
      if (leavesOf(before?.spec, spec).digest !== acknowledgedLeaves) throw refusal('leaves_unacknowledged')
      const deployment = deploymentOf(spec, (before?.revision ?? 0) + 1)
      deployments.set(spec.name, deployment)
      calls.push(`deployment.apply ${spec.name}`)
      return { change: before ? ('updated' as const) : ('created' as const), deployment }
    }),
    planRollback: os.deployment.planRollback.handler(({ input }) => {
      const deployment = deployments.get(input.deployment)
      if (!deployment) throw refusal('deployment_unknown')
      return rollbackPlanOf(deployment, input.to)
    }),
    rollback: os.deployment.rollback.handler(({ input: { deployment: name, to, ifRevision, acknowledgedLeaves } }) => {
      const before = deployments.get(name)
      if (!before) throw refusal('deployment_unknown')
      const preview = rollbackPlanOf(before, to)
      if (ifRevision !== before.revision) throw refusal('revision_stale')
      if (preview.plan.leaves.digest !== acknowledgedLeaves) throw refusal('leaves_unacknowledged')
      const deployment = { ...deploymentOf(preview.spec, before.revision + 1), version: preview.to.version }
      deployments.set(name, deployment)
      calls.push(`deployment.rollback ${name} ${to}`)
      return { rollbackTo: preview.to.revision, deployment }
    }),
    remove: os.deployment.remove.handler(({ input }) => {
      calls.push(`deployment.remove ${input.deployment}`)
      return { devices: 1 }
    }),
  }
}

/** Revision 1 ran version 1 with the same spec. */
function rollbackPlanOf({ spec, revision, version }: Deployment, to = 1): RollbackPlan {
  if (revision === 1) throw refusal('rollback_target_missing')
  if (to !== 1) throw refusal('revision_unknown')
  const gateway = { id: GATEWAY.id, name: GATEWAY.name, site: GATEWAY.site }
  const { shadow, switchOver: _switchOver, ...strategy } = spec.strategy
  return {
    from: { revision, deployable: spec.deployable, version },
    to: { revision: to, deployable: spec.deployable, version: 1 },
    spec: { ...spec, version: '1', strategy },
    dropped: shadow ? ['shadow'] : [],
    moves: [{ version, count: 1, devices: [gateway] }],
    settled: 2,
    plan: { ...planOf(spec, { before: version, after: 1 }), change: 'update' },
  }
}

function planOf(spec: DeploymentSpec, { before, after }: { before: number | undefined; after: number }) {
  const gateway = { id: GATEWAY.id, name: GATEWAY.name, site: GATEWAY.site }
  const devices = spec.selector === 'false' ? [] : [gateway]
  return {
    version: after,
    ...(before !== undefined && { versionNow: before }),
    leaves: leavesOf(before === undefined ? undefined : spec, spec),
    waves: [{ name: 'rest', count: devices.length, devices, bytes: ANOMALY.sizeBytes, minSeconds: 10 }],
    refused: [],
    refusedCount: 0,
    refusals: [],
    cautions: [],
    stuckGroups: [],
    stuckGroupCount: 0,
    bytes: ANOMALY.sizeBytes,
    minSeconds: 10,
    bytesPerDevice: ANOMALY.sizeBytes,
  }
}

/** A selector that picks nobody takes the model from the gateway. */
function leavesOf(before: DeploymentSpec | undefined, { selector }: DeploymentSpec) {
  const gateway = { id: GATEWAY.id, name: GATEWAY.name, site: GATEWAY.site }
  if (!before || selector !== 'false') return { count: 0, devices: [] }
  return { count: 1, devices: [gateway], digest: Digest.parse(`sha256:${'0'.repeat(64)}`) }
}

function deploymentOf(spec: DeploymentSpec, revision: number): Deployment {
  const { id: rolloutId, deploymentId: id } = rolloutOf(0)
  const times = { createdAtMs: NOW_MS - 60_000, changedAtMs: NOW_MS - 60_000 }
  const standing = { rolloutStatus: 'rolling' as const, devices: { total: 1, healthy: 0 } }
  return { id, name: spec.name, revision, spec, version: 2, rolloutId, ...standing, conflicts: 0, ...times }
}

/** A deployment whose devices have both versions. */
function inCanary(): Deployment {
  const spec = DeploymentSpec.parse({ name: ANOMALY.name, deployable: ANOMALY.name, version: '2' })
  const versions = [1, 2].map((version) => ({ version, devices: 1 }))
  const counts = { versions, none: 0 }
  return { ...deploymentOf(spec, 2), wanted: counts, running: { ...counts, failed: 0 } }
}

export function rolloutRouter(os: Implementer, state: FakeState) {
  return {
    get: os.rollout.get.handler(() => state.watched[0] ?? rolloutOf(0)),
    list: os.rollout.list.handler(() => ({ rows: state.watched.slice(0, 2) })),
    devices: os.rollout.devices.handler(() => ({ rows: [...ROLLOUT_DEVICES] })),
    // Four a page, so that the CLI has to fetch another page.
    events: os.rollout.events.handler(({ input }) => {
      const start = Number(input.after ?? 0)
      const rows = HAPPENINGS.slice(start, start + 4)
      return start + 4 < HAPPENINGS.length ? { rows, next: String(start + 4) } : { rows }
    }),
    watch: os.rollout.watch.handler(async function* ({ signal }) {
      const events = state.watched.entries()
      for (const [index, rollout] of events) {
        yield rollout
        const end = state.watchEnds[index]
        if (end === 'breaks' || end === 'ends') state.watchEnds = []
        if (end === 'breaks') throw new Error('the connection broke')
        if (end === 'ends') return
        if (end === 'hangs') await new Promise((resolve) => signal?.addEventListener('abort', resolve))
      }
    }),
    abort: os.rollout.abort.handler(({ input }) => {
      state.calls.push(`rollout.abort ${input.rollout} ${input.reason}`)
      return rolloutOf(1, { status: 'aborted', reason: input.reason })
    }),
  }
}
