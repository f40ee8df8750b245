/**
 * Desired: what a device should run, derived from stored rows, and what its reports say about that. Nothing here is ever "sent once": the
 * same rows give the same document, however often they are asked.
 */
import type { DesiredItem } from '@skerry/contract/devices/desired'
import type { ItemReport } from '@skerry/contract/devices/item'
import type { DeploymentId } from '@skerry/contract/values/ids'
import { isHeldBack, isLeaving, isOffered, type Member, type Standing } from '../rollouts/rollout-state.ts'
import { failureOf, type Heard } from './device-refusal.ts'

/** What one deployment's newest rollout says about one device. */
export type Claim = {
  deploymentId: DeploymentId
  rollout: Standing
  /** The revision that the rollout brings. */
  revision: number
  member: Member & { previousRevision?: number | undefined }
  /** The newest revision whose rollout is done. */
  stableRevision?: number | undefined
}

/**
 * The revision that the device should run now: the rollout's where the device is offered it, else its own last good one, else the one that
 * is proven for all, else none. A device that leaves keeps its last good one until it is asked to remove the model.
 */
export function offeredRevision({ rollout, revision, member, stableRevision }: Claim): number | undefined {
  if (isOffered(rollout, member)) return isLeaving(rollout, member) ? undefined : revision
  return member.previousRevision ?? stableRevision
}

/**
 * Whether the device is given its last good revision back because a person, or the rollout itself, took the new one from it. That waits for no
 * window: what was found to be bad should not run until the next one.
 */
export function isWayBack({ rollout, member }: Pick<Claim, 'rollout' | 'member'>): boolean {
  const isTaken = rollout.status === 'rolled-back' || rollout.status === 'aborted'
  const wasAsked = member.outcome !== 'waiting' && member.outcome !== 'skipped'
  return isTaken && wasAsked && !isOffered(rollout, member) && member.previousRevision !== undefined
}

/** The revision that the device was last seen to run well: what it goes back to when the next one fails on it. */
export function lastGoodRevision({ rollout, revision, member }: Claim): number | undefined {
  if (isLeaving(rollout, member)) return member.previousRevision
  const isProved = isOffered(rollout, member) && member.outcome === 'healthy' && !isHeldBack(rollout, member)
  return isProved ? revision : member.previousRevision
}

/** Whether the device shall only have that revision ready, and go on serving what it serves. */
export const isOfferHeld = ({ rollout, member }: Claim): boolean =>
  isOffered(rollout, member) && isHeldBack(rollout, member)

/** One deployment's item for the device, with the age of the deployment, which decides who owns a model's name. */
export type Offer = { item: DesiredItem; deploymentCreatedAtMs: number }

/** Two deployments that want the same model name on one device: `winner` keeps it. */
export type OwnerConflict = { model: string; winner: DeploymentId; loser: DeploymentId }

/** The items of the document, sorted by model. Of two offers for one name the older deployment's stays: it was there first. */
export function desiredItems(offers: readonly Offer[]): { items: DesiredItem[]; conflicts: OwnerConflict[] } {
  const byModel = new Map<string, DesiredItem>()
  const conflicts: OwnerConflict[] = []
  for (const { item } of offers.toSorted(byAge)) {
    const owner = byModel.get(item.name)
    if (owner) conflicts.push({ model: item.name, winner: owner.deploymentId, loser: item.deploymentId })
    else byModel.set(item.name, item)
  }
  return { items: [...byModel.values()].sort((a, b) => (a.name < b.name ? -1 : 1)), conflicts }
}

const byAge = (a: Offer, b: Offer) => compareAge(ageOf(a), ageOf(b))

const ageOf = ({ item, deploymentCreatedAtMs }: Offer): DeploymentAge => ({
  id: item.deploymentId,
  createdAtMs: deploymentCreatedAtMs,
})

export type DeploymentAge = { id: DeploymentId; createdAtMs: number }

/** Oldest first; by id where two were made in the same millisecond. */
export function compareAge(a: DeploymentAge, b: DeploymentAge): number {
  return a.createdAtMs - b.createdAtMs || (a.id < b.id ? -1 : 1)
}

/**
 * What a report about an item says of what the device was offered: only the very same target counts, by deployment, revision, version,
 * content and retry token, and only `active` and `failed` are decisive, or being held where the document holds it. Anything else says nothing.
 * The caller sees to it that the report is about the document that offers it (`observedGeneration`), else a report from before the offer would
 * answer it.
 */
export function outcomeOf(
  report: Pick<ItemReport, 'deploymentId' | 'target' | 'state' | 'cause' | 'held'>,
  offered: OfferedItem,
): Heard | undefined {
  if (!isAbout(report, offered)) return undefined
  // It was healthy once, and crashes by itself since: that tells of the version.
  if (report.state === 'active' && CRASHING.has(report.cause?.code ?? '')) return 'failed'
  if (report.state === 'active' || report.held) return 'healthy'
  return report.state === 'failed' ? failureOf(report.cause) : undefined
}

/** [crash-suspicion.ts] A version that others may have crashed is not among these. */
const CRASHING: ReadonlySet<string> = new Set(['model_crashing', 'model_stopped'])

type OfferedItem = Pick<DesiredItem, 'deploymentId' | 'revision' | 'version' | 'digest' | 'retryToken'>

/** Whether the report is about the very same target. */
export const isAbout = (report: Pick<ItemReport, 'deploymentId' | 'target'>, offered: OfferedItem): boolean =>
  report.deploymentId === offered.deploymentId &&
  report.target.revision === offered.revision &&
  report.target.version === offered.version &&
  report.target.digest === offered.digest &&
  report.target.retryToken === offered.retryToken
