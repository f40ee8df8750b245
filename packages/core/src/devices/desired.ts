/**
 * Desired: derives the target state of a device from stored rows, and compares its reports with that. Nothing here is
 * ever "sent once": the same rows give the same document at any time.
 */
import type { DesiredItem } from '@skerry/contract/devices/desired'
import type { ItemReport } from '@skerry/contract/devices/item'
import type { DeploymentId } from '@skerry/contract/values/ids'
import { isHeldBack, isLeaving, isOffered, type Member, type MemberStanding } from '../rollouts/rollout-state.ts'
import { failureOf, type ItemOutcome } from './device-refusal.ts'

/** The offer of one deployment's newest rollout for one device. */
export type Claim = {
  deploymentId: DeploymentId
  rollout: MemberStanding
  /** The revision that the rollout brings. */
  revision: number
  member: Member & { previousRevision?: number | undefined }
  /** The newest revision whose rollout is done. */
  stableRevision?: number | undefined
}

type Offered = Omit<Claim, 'deploymentId'>

/**
 * The revision that the device should run now. It is the rollout's if the device is offered it, else its own last good
 * one, else the one that is proven for all, else none. A leaving device keeps its last good one until it gets the order
 * to remove the model.
 */
export function offeredRevision({ rollout, revision, member, stableRevision }: Offered): number | undefined {
  if (isOffered(rollout, member)) return isLeaving(rollout, member) ? undefined : revision
  return member.previousRevision ?? stableRevision
}

/**
 * Whether the device rolls back to its last good revision because a person, or the rollout itself, withdrew the new
 * one. A rollback waits for no window: a bad revision should not run until the next one.
 */
export function isWayBack({ rollout, member }: Pick<Claim, 'rollout' | 'member'>): boolean {
  const isTaken = rollout.status === 'rolled-back' || rollout.status === 'aborted'
  const wasAsked = member.outcome !== 'waiting' && member.outcome !== 'skipped'
  return isTaken && wasAsked && !isOffered(rollout, member) && member.previousRevision !== undefined
}

/** The revision that the device was last seen to run well. The device rolls back to it if the next one fails. */
export function lastGoodRevision({ rollout, revision, member }: Claim): number | undefined {
  if (isLeaving(rollout, member)) return member.previousRevision
  const isProved = isOffered(rollout, member) && member.outcome === 'healthy' && !isHeldBack(rollout, member)
  return isProved ? revision : member.previousRevision
}

/** Whether the device shall only prepare that revision, and continue to serve its present one. */
export const isOfferHeld = ({ rollout, member }: Claim): boolean =>
  isOffered(rollout, member) && isHeldBack(rollout, member)

/** One deployment's item for the device, with the age of the deployment, which decides who owns a model's name. */
export type Offer = { item: DesiredItem; deploymentCreatedAtMs: number }

/** Two deployments that want the same model name on one device: `winner` keeps it. */
export type OwnerConflict = { name: string; winner: DeploymentId; loser: DeploymentId }

/** The items of the document, sorted by model. If two deployments offer the same name, the older one wins. */
export function desiredItems(offers: readonly Offer[]): { items: DesiredItem[]; conflicts: OwnerConflict[] } {
  const byModel = new Map<string, DesiredItem>()
  const conflicts: OwnerConflict[] = []
  for (const { item } of offers.toSorted(byAge)) {
    const owner = byModel.get(item.name)
    if (owner) conflicts.push({ name: item.name, winner: owner.deploymentId, loser: item.deploymentId })
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

/** Oldest first; by id if two were made in the same millisecond. */
export function compareAge(a: DeploymentAge, b: DeploymentAge): number {
  return a.createdAtMs - b.createdAtMs || (a.id < b.id ? -1 : 1)
}

/**
 * Compares a report about an item with the device's offer. Only a report about the very same target counts: the same
 * deployment, revision, version, content and retry token. Only `active` and `failed` are decisive, and `held` if the
 * document holds the item. Any other report decides nothing. The caller makes sure that the report is about the
 * document with the offer (`observedGeneration`). Else a report from before the offer would answer it.
 */
export function outcomeOf(
  report: Pick<ItemReport, 'deploymentId' | 'target' | 'state' | 'cause' | 'held'>,
  offered: OfferedItem,
): ItemOutcome | undefined {
  if (!isAbout(report, offered)) return undefined
  // It was healthy once, and has crashed by itself since: the version is at fault.
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
