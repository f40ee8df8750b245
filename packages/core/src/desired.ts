/**
 * Desired: what a device should run, derived from stored rows, and what its reports say about that. Nothing here is ever "sent once": the
 * same rows give the same document, however often they are asked.
 */
import type { DesiredItem } from '@skerry/contract/desired'
import type { DeploymentId } from '@skerry/contract/ids'
import type { ItemReport } from '@skerry/contract/item'
import { isOffered, type Member, type RolloutState } from './rollout-state.ts'

/** What one deployment's newest rollout says about one device. */
export type Claim = {
  deploymentId: DeploymentId
  rollout: Pick<RolloutState, 'status' | 'keptWaves'>
  /** The revision that the rollout brings. */
  revision: number
  member: Member & { previousRevision?: number | undefined }
  /** The newest revision whose rollout is done. */
  stableRevision?: number | undefined
}

/**
 * The revision that the device should run now: the rollout's where the device is offered it, else its own last good one, else the one that
 * is proven for all, else none.
 */
export function offeredRevision({ rollout, revision, member, stableRevision }: Claim): number | undefined {
  if (isOffered(rollout, member)) return revision
  return member.previousRevision ?? stableRevision
}

/** The revision that the device was last seen to run well: what it goes back to when the next one fails on it. */
export function lastGoodRevision({ rollout, revision, member }: Claim): number | undefined {
  return isOffered(rollout, member) && member.outcome === 'healthy' ? revision : member.previousRevision
}

/** One deployment's item for the device, with the age of the deployment, which decides who owns a model's name. */
export type Offer = { item: DesiredItem; deploymentCreatedAtMs: number }

/** Two deployments that want the same model name on one device: `winner` keeps it. */
export type OwnerConflict = { model: string; winner: DeploymentId; loser: DeploymentId }

/** The items of the document, sorted by model. Of two offers for one name the older deployment's stays: it was there first. */
export function desiredItems(offers: readonly Offer[]): { items: DesiredItem[]; conflicts: OwnerConflict[] } {
  const byModel = new Map<string, DesiredItem>()
  const conflicts: OwnerConflict[] = []
  for (const { item } of offers.toSorted(byAge)) {
    const owner = byModel.get(item.model)
    if (owner) conflicts.push({ model: item.model, winner: owner.deploymentId, loser: item.deploymentId })
    else byModel.set(item.model, item)
  }
  return { items: [...byModel.values()].sort((a, b) => (a.model < b.model ? -1 : 1)), conflicts }
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
 * content and retry token, and only `active` and `failed` are decisive. Anything else says nothing. The caller sees to it that the report is about the
 * document that offers it (`observedGeneration`), else a report from before the offer would answer it.
 */
export function outcomeOf(
  report: Pick<ItemReport, 'deploymentId' | 'target' | 'state'>,
  offered: Pick<DesiredItem, 'deploymentId' | 'revision' | 'version' | 'digest' | 'retryToken'>,
): 'healthy' | 'failed' | undefined {
  const { target } = report
  const isSame =
    report.deploymentId === offered.deploymentId &&
    target.revision === offered.revision &&
    target.version === offered.version &&
    target.digest === offered.digest &&
    target.retryToken === offered.retryToken
  if (!isSame) return undefined
  if (report.state === 'active') return 'healthy'
  return report.state === 'failed' ? 'failed' : undefined
}
