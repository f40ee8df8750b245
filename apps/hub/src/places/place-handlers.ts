/** Handlers of the procedures on placements. Both compute the decision anew, so that it is never older than the fleet. */
import type { Placement, WhatIf } from '@skerry/contract/places/placement'
import type { OrganisationId } from '@skerry/contract/values/ids'
import type { Name } from '@skerry/contract/values/names'
import { costOf, type PlaceFacts, type Placing, place } from '@skerry/core/places/place'
import { changeWorld, newDeviceOfClass } from '@skerry/core/places/what-if'
import { hardwareClasses } from '../builds/class-form-store.ts'
import { type DeploymentInForce, findDeployment } from '../deployments/deployment-store.ts'
import { selectedBy } from '../deployments/population.ts'
import { os } from '../http/implementer.ts'
import { problem, unknownName } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { scaledPlacement } from '../scaling/scale-store.ts'
import { findSite } from '../sites/site-store.ts'
import type { Db } from '../store/store.ts'
import { DEVICES_MAX, decisionView, deviceView } from './decision-view.ts'
import { picksOf } from './pick-store.ts'
import { newDeviceAt, placeFacts } from './place-facts.ts'

export const placementHandlers = {
  explain: os.placement.explain.handler(async ({ context: { hub, organisationId }, input }) => {
    const { deployment, policy, facts, unselected } = await placedDeployment(hub, organisationId, input.deployment)
    const rows = await picksOf(hub.store.db, deployment)
    const since = new Map(rows.map(({ device_id, picked_at_ms }) => [device_id, picked_at_ms]))
    return decisionView({ deployment: input.deployment, policy, placing: place(policy, facts), unselected, since })
  }),
  whatIf: os.placement.whatIf.handler(async ({ context: { hub, organisationId }, input }) => {
    const { policy, facts } = await placedDeployment(hub, organisationId, input.deployment)
    const newDevice = await newDeviceOf(hub, { organisationId, facts, change: input.change })
    return answer(input.deployment, { policy, facts, newDevice }, input.change)
  }),
}

type World = { policy: Placement; facts: PlaceFacts; newDevice?: ReturnType<typeof newDeviceAt> | undefined }

type Adding = { organisationId: OrganisationId; facts: PlaceFacts; change: WhatIf }

async function newDeviceOf({ store: { db } }: Hub, { organisationId, facts, change }: Adding) {
  if ('hardwareClass' in change) return likeOfClass(db, facts, change.hardwareClass)
  const name = 'ofSite' in change ? change.ofSite : 'site' in change ? change.site : undefined
  if (name === undefined) return undefined
  const site = await findSite(db, organisationId, name)
  if (!site) throw unknownName('site_unknown', name)
  return newDeviceAt(site)
}

async function likeOfClass(db: Db, { candidates }: PlaceFacts, wanted: string) {
  const ids = candidates.map(({ id }) => id)
  const classes = await hardwareClasses(db, ids)
  const classed = candidates.map((one) => ({ ...one, hardwareClass: classes.get(one.id) }))
  const like = newDeviceOfClass({ candidates: classed }, wanted)
  if (!like) throw problem('class_unknown', `no device that the deployment selects has the class of hardware ${wanted}`)
  return like
}

/** Compares with the decision on the present world, so that the answer has the effects of the change alone. */
function answer(deployment: Name, { policy, facts, newDevice }: World, change: WhatIf) {
  const now = place(policy, facts)
  const then = changeWorld({ policy, facts: settled(facts, now), newDevice }, change)
  const placing = place(then.policy, then.facts)
  const before = placedIds(now)
  const after = placedIds(placing)
  const views = (policyOf: Placement, { candidates }: Placing, isMeant: (id: string) => boolean) =>
    candidates
      .filter(({ candidate }) => isMeant(candidate.id))
      .slice(0, DEVICES_MAX)
      .map((one) => deviceView(policyOf, one))
  const gone = [...before].filter((id) => !after.has(id))
  const known = new Set<string>(placing.candidates.map(({ candidate }) => candidate.id))
  return {
    deployment,
    wanted: placing.wanted,
    unmetNow: now.unmet,
    unmetThen: placing.unmet,
    costNow: costOf(now),
    costThen: costOf(placing),
    gained: views(then.policy, placing, (id) => after.has(id) && !before.has(id)),
    lost: [
      ...views(then.policy, placing, (id) => gone.includes(id)),
      // A device of a site that is gone is no candidate any more.
      ...views(policy, now, (id) => gone.includes(id) && !known.has(id)).map((one) => ({
        ...one,
        reason: 'it is gone',
      })),
    ],
  }
}

const placedIds = ({ candidates }: Placing): Set<string> =>
  new Set(candidates.filter(({ verdict }) => verdict === 'picked').map(({ candidate }) => candidate.id))

/** The world after the present decision has come true. */
const settled = (facts: PlaceFacts, { candidates }: Placing): PlaceFacts => ({
  ...facts,
  current: candidates
    .filter(({ verdict }) => verdict === 'picked')
    .map(({ candidate }) => ({ id: candidate.id, isActive: true, isLeaving: false })),
})

async function placedDeployment(
  hub: Hub,
  organisationId: OrganisationId,
  name: Name,
): Promise<World & { deployment: DeploymentInForce; unselected: number }> {
  const { db } = hub.store
  const deployment = await findDeployment(db, organisationId, name)
  if (!deployment) throw unknownName('deployment_unknown', name)
  const { placement } = deployment.spec
  if (!placement) throw problem('placement_missing', `the deployment ${name} has no placement policy`)
  const policy = await scaledPlacement(db, deployment, placement)
  const nowMs = hub.clock.nowMs()
  const { picked, refused } = await selectedBy(db, deployment, nowMs)
  const facts = await placeFacts(db, deployment, { candidates: picked, nowMs })
  return { deployment, policy, facts, unselected: refused.length }
}
