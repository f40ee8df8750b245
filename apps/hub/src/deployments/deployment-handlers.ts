/** Handlers of the procedures on deployments. */
import type { Explanation } from '@skerry/contract/deployments/explanation'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { isWithin } from '@skerry/core/people/scope'
import { deviceLinkOf, presentHubs } from '../devices/device-link-store.ts'
import { findDevice } from '../devices/device-store.ts'
import { type HandlersOf, os } from '../http/implementer.ts'
import { pageFrom, sequenceOf } from '../http/page.ts'
import { problem, unknownName } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { publishRollouts } from '../rollouts/publish-rollouts.ts'
import { isDeviceIn, visibleRows } from '../scopes/scope-rows.ts'
import type { Db, Tx } from '../store/store.ts'
import { refuseUntrustedVersion } from '../trust/version-trust.ts'
import { type AppliedDeployment, applyDeployment } from './apply-deployment.ts'
import { listConflicts } from './conflicts.ts'
import { type DeploymentInForce, deploymentViews, findDeployment, listDeployments } from './deployment-store.ts'
import { explainDevice } from './explain-device.ts'
import { formsView } from './forms/served-forms.ts'
import { refuseUnseenLeaves } from './leavers.ts'
import { planDeployment } from './plan-deployment.ts'
import { refuseUnfit } from './refuse-unfit.ts'
import { removeDeployment } from './remove-deployment.ts'
import { listRevisions } from './revisions.ts'
import { planRollback, rollBackDeployment } from './rollback-deployment.ts'

export const deploymentHandlers: HandlersOf<'deployment'> = {
  apply: os.deployment.apply.handler(async ({ context, input: { ifRevision, acknowledgedLeaves, ...spec } }) => {
    const { hub, organisationId } = context
    const applied = await context.change(async (tx, note) => {
      note.detail = { spec }
      const result = await applyDeployment(tx, hub, { organisationId, nowMs: hub.clock.nowMs(), spec, ifRevision })
      note.detail = await acceptChange(tx, hub, result, acknowledgedLeaves)
      return result
    })
    publishRollouts(hub, applied.rolloutIds)
    return { change: applied.change, deployment: await viewOf(hub, applied.deployment) }
  }),
  plan: os.deployment.plan.handler(async ({ context: { hub, organisationId }, input }) => {
    const { plan } = await planDeployment(hub, organisationId, { spec: input })
    return plan
  }),
  rollback: os.deployment.rollback.handler(async ({ context, input }) => {
    const { hub, organisationId, scope } = context
    const rolled = await context.change(async (tx, note) => {
      note.detail = { to: input.to }
      const { ifRevision, to } = input
      const deployment = await knownDeployment(tx, organisationId, input.deployment)
      const result = await rollBackDeployment(tx, hub, { deployment, scope, to, ifRevision })
      note.detail = await acceptChange(tx, hub, result, input.acknowledgedLeaves)
      return result
    })
    publishRollouts(hub, rolled.rolloutIds)
    return { rollbackTo: rolled.rollbackTo, deployment: await viewOf(hub, rolled.deployment) }
  }),
  planRollback: os.deployment.planRollback.handler(async ({ context, input: { deployment: name, to } }) => {
    const { hub, organisationId, scope } = context
    const deployment = await knownDeployment(hub.store.db, organisationId, name)
    return planRollback(hub, { deployment, scope, to })
  }),
  list: os.deployment.list.handler(
    async ({ context: { hub, organisationId, scope }, input: { limit, after, device } }) => {
      const { db } = hub.store
      const row = device === undefined ? undefined : await findDevice(db, organisationId, device)
      if (device !== undefined && !(row && isDeviceIn(scope, row))) throw unknownName('device_unknown', device)
      const rows = await visibleRows(
        { limit: limit + 1, after },
        (place) => listDeployments(db, { organisationId, ...place, deviceId: row?.id }),
        { keyOf: ({ name }) => name, isVisible: ({ spec }) => !scope || isWithin(spec.selector, scope.text) },
      )
      return pageFrom(await deploymentViews(db, rows, hub.clock.nowMs()), limit, (deployment) => deployment.name)
    },
  ),
  get: os.deployment.get.handler(async ({ context: { hub, organisationId }, input }) =>
    viewOf(hub, await knownDeployment(hub.store.db, organisationId, input.deployment)),
  ),
  explain: os.deployment.explain.handler(async ({ context: { hub, organisationId }, input }): Promise<Explanation> => {
    const { db } = hub.store
    const deployment = await knownDeployment(db, organisationId, input.deployment)
    const row = await findDevice(db, organisationId, input.device)
    if (!row) throw unknownName('device_unknown', input.device)
    const link = deviceLinkOf(row, await presentHubs(hub))
    return explainDevice(db, { deployment, row, nowMs: hub.clock.nowMs(), link })
  }),
  revisions: os.deployment.revisions.handler(async ({ context: { hub, organisationId }, input }) => {
    const { db } = hub.store
    const deployment = await knownDeployment(db, organisationId, input.deployment)
    const query = { limit: input.limit + 1, before: sequenceOf(input.after) }
    return pageFrom(await listRevisions(db, deployment, query), input.limit, ({ revision }) => String(revision))
  }),
  conflicts: os.deployment.conflicts.handler(async ({ context: { hub, organisationId }, input }) => {
    const { db } = hub.store
    const deployment = await knownDeployment(db, organisationId, input.deployment)
    const rows = await listConflicts(db, deployment, { limit: input.limit + 1, after: input.after })
    return pageFrom(rows, input.limit, ({ name }) => name)
  }),
  remove: os.deployment.remove.handler(async ({ context, input: { deployment: name, ifRevision } }) => {
    const { hub, organisationId } = context
    const removed = await context.change(async (tx, note) => {
      const deployment = await knownDeployment(tx, organisationId, name)
      if (ifRevision !== undefined && ifRevision !== deployment.revision) throw problem('revision_stale')
      const result = await removeDeployment(tx, deployment, hub.clock.nowMs())
      note.detail = {
        id: deployment.id,
        deployable: deployment.deployable,
        version: deployment.version,
        devices: result.devices,
      }
      return result
    })
    publishRollouts(hub, removed.rolloutIds)
    return { devices: removed.devices }
  }),
}

type Changed = AppliedDeployment & { rollbackTo?: number }

/** Rejects what the devices would reject, and leaves that nobody has seen. Returns the detail for the audit trail. */
async function acceptChange(
  tx: Tx,
  hub: Hub,
  { change, deployment, before, leavers, picked, rollbackTo }: Changed,
  acknowledged: string | undefined,
) {
  if (change !== 'unchanged') await refuseUntrustedVersion(tx, hub, deployment)
  // Older results and newer advisories must never keep a deployment from going back in an emergency.
  if (change !== 'unchanged' && rollbackTo === undefined) await refuseUnfit(tx, hub, deployment)
  const { spec, deployable, version, revision } = deployment
  refuseUnseenLeaves(leavers, { acknowledged, deployable, picked })
  return {
    spec,
    change,
    version,
    revision,
    ...(rollbackTo !== undefined && { rollbackTo }),
    ...versionChange(before, deployment),
    ...(leavers.length > 0 && { leaves: leavers.length }),
  }
}

/** Both versions by name, for the sentence of the audit record. */
function versionChange(before: DeploymentInForce | undefined, now: DeploymentInForce) {
  const [from, into] = [before, now].map((one) => one && `${one.deployable}:${one.version}`)
  return from === undefined || from === into ? {} : { from, into }
}

async function knownDeployment(db: Db, organisationId: OrganisationId, name: string): Promise<DeploymentInForce> {
  const deployment = await findDeployment(db, organisationId, name)
  if (!deployment) throw unknownName('deployment_unknown', name)
  return deployment
}

async function viewOf({ store: { db }, clock }: Hub, deployment: DeploymentInForce) {
  const [view] = await deploymentViews(db, [deployment], clock.nowMs())
  if (!view) throw problem('deployment_unknown')
  return { ...view, ...(await formsView(db, deployment)) }
}
