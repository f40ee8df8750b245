/** Procedures on deployments. */
import type { DeploymentPlan, DeploymentSpec, Explanation } from '@skerry/contract/deployment'
import type { OrganisationId } from '@skerry/contract/ids'
import { assignWaves } from '@skerry/core/waves'
import { findDevice } from '../devices/device-store.ts'
import { os } from '../http/implementer.ts'
import { pageFrom } from '../http/page.ts'
import { problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { publishRollouts } from '../rollouts/publish-rollouts.ts'
import type { Db } from '../store/store.ts'
import { applyDeployment, type PreparedSpec, prepareSpec } from './apply-deployment.ts'
import { type DeploymentInForce, deploymentViews, findDeployment, listDeployments } from './deployment-store.ts'
import { explainDevice } from './explain-device.ts'
import { type PickedDevice, populationOf } from './population.ts'
import { removeDeployment } from './remove-deployment.ts'

export const deploymentHandlers = {
  apply: os.deployment.apply.handler(async ({ context, input: { ifRevision, ...spec } }) => {
    const { hub, organisationId } = context
    const applied = await context.change(async (tx, note) => {
      note.detail = { spec }
      const result = await applyDeployment(tx, hub, { organisationId, nowMs: hub.clock.nowMs(), spec, ifRevision })
      const { change, deployment } = result
      note.detail = { spec, change, version: deployment.version, revision: deployment.revision }
      return result
    })
    publishRollouts(hub, applied.rolloutIds)
    return { change: applied.change, deployment: await viewOf(hub.store.db, applied.deployment) }
  }),
  plan: os.deployment.plan.handler(({ context: { hub, organisationId }, input }) => plan(hub, organisationId, input)),
  list: os.deployment.list.handler(async ({ context: { hub, organisationId }, input: { limit, after } }) => {
    const rows = await listDeployments(hub.store.db, { organisationId, limit: limit + 1, after })
    return pageFrom(await deploymentViews(hub.store.db, rows), limit, (deployment) => deployment.name)
  }),
  get: os.deployment.get.handler(async ({ context: { hub, organisationId }, input }) =>
    viewOf(hub.store.db, await knownDeployment(hub.store.db, organisationId, input.deployment)),
  ),
  explain: os.deployment.explain.handler(async ({ context: { hub, organisationId }, input }): Promise<Explanation> => {
    const { db } = hub.store
    const deployment = await knownDeployment(db, organisationId, input.deployment)
    const row = await findDevice(db, organisationId, input.device)
    if (!row) throw problem('device_unknown')
    return explainDevice(db, { deployment, row, nowMs: hub.clock.nowMs() })
  }),
  remove: os.deployment.remove.handler(async ({ context, input: { deployment: name, ifRevision } }) => {
    const { hub, organisationId } = context
    const removed = await context.change(async (tx, note) => {
      const deployment = await knownDeployment(tx, organisationId, name)
      if (ifRevision !== undefined && ifRevision !== deployment.revision) throw problem('revision_stale')
      const result = await removeDeployment(tx, deployment, hub.clock.nowMs())
      note.detail = { id: deployment.id, model: deployment.model, version: deployment.version, devices: result.devices }
      return result
    })
    publishRollouts(hub, removed.rolloutIds)
    return { devices: removed.devices }
  }),
}

async function knownDeployment(db: Db, organisationId: OrganisationId, name: string): Promise<DeploymentInForce> {
  const deployment = await findDeployment(db, organisationId, name)
  if (!deployment) throw problem('deployment_unknown')
  return deployment
}

async function viewOf(db: Db, deployment: DeploymentInForce) {
  const [view] = await deploymentViews(db, [deployment])
  if (!view) throw problem('deployment_unknown')
  return view
}

/** The devices a wave names at most; the contract cuts its lists there. */
const NAMES_MAX = 500

async function plan(
  { store, clock, ids }: Hub,
  organisationId: OrganisationId,
  spec: DeploymentSpec,
): Promise<DeploymentPlan> {
  const prepared = await prepareSpec(store.db, organisationId, spec)
  const { current, version, waves, isChange } = prepared
  const nowMs = clock.nowMs()
  const id = current?.id ?? ids.deployment()
  const createdAtMs = current?.createdAtMs ?? nowMs
  const { picked, refused } = await populationOf(
    store.db,
    { id, organisationId, createdAtMs, spec, model: spec.model, ...version },
    nowMs,
  )
  const waveOf = assignWaves(waves, { deployment: spec.name, candidates: picked })
  return {
    change: changeOf(current, isChange),
    version: version.version,
    waves: waves.map(({ name }, index) =>
      waveOfPlan(
        name,
        picked.filter(({ deviceId }) => waveOf.get(deviceId) === index),
      ),
    ),
    refused: refused
      .slice(0, NAMES_MAX)
      .map(({ problem: { code, detail }, ...device }) => ({ ...device, code, message: detail })),
    bytesPerDevice: version.sizeBytes,
  }
}

function changeOf(current: PreparedSpec['current'], isChange: boolean): DeploymentPlan['change'] {
  if (!current) return 'create'
  return isChange ? 'update' : 'none'
}

const waveOfPlan = (name: string, devices: readonly PickedDevice[]) => ({
  name,
  count: devices.length,
  devices: devices.slice(0, NAMES_MAX).map((device) => ({ id: device.deviceId, name: device.name, site: device.site })),
})
