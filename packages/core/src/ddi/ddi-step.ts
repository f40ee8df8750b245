/**
 * DDI step: the next order for a device without an agent, from its desired document and its record. The hub computes it
 * at each poll. The same facts give the same order, so a repeated or lost poll changes nothing.
 */

import type { DesiredItem } from '@skerry/contract/devices/desired'
import { SWU_PATH } from '@skerry/contract/kinds/os'
import { downloadHold, installHold, type UpdateFacts, type UpdateHold } from '../device/update-hold.ts'
import { type DdiAction, type DdiRecord, failureOfTarget, isInstalled, isSameAttempt, targetOf } from './ddi-record.ts'

/** The link that a poll answers with: an order to install, to confirm first, to cancel, or nothing. */
export type DdiOffer = { kind: 'none' } | { kind: 'deploy' | 'confirm' | 'cancel'; action: DdiAction }

export type DdiStep = { record: DdiRecord; offer: DdiOffer; hold?: UpdateHold | undefined }

export type DdiFacts = {
  items: readonly DesiredItem[]
  updates: UpdateFacts
  /** The owner of the device must accept each image. */
  mustConfirm: boolean
}

/** The file of an item that a device without an agent can install; undefined if there is none. */
export const imageOf = ({ files }: Pick<DesiredItem, 'files'>) => files.find(({ path }) => path === SWU_PATH)

/** The image that the device should run. It has one operating system, so the first image by name counts. */
export const wantedImage = (items: readonly DesiredItem[]): DesiredItem | undefined =>
  items.find((item) => imageOf(item) !== undefined)

/** The record after this poll, and the answer to it. */
export function stepDdi(before: DdiRecord, facts: DdiFacts): DdiStep {
  const wanted = wantedImage(facts.items)
  const record = withSecond(before, facts)
  const { action } = record
  if (action) return continued(record, action, wanted, facts)
  return begun(record, wanted, facts)
}

function withSecond(record: DdiRecord, { items, updates }: DdiFacts): DdiRecord {
  const isWanted = items.filter((item) => imageOf(item) !== undefined).length > 1
  if (isWanted === (record.secondSinceMs !== undefined)) return record
  return { ...record, secondSinceMs: isWanted ? updates.timeMs : undefined }
}

function continued(record: DdiRecord, action: DdiAction, wanted: DesiredItem | undefined, facts: DdiFacts): DdiStep {
  const nowMs = facts.updates.timeMs
  if (action.state === 'cancelling') return { record, offer: { kind: 'cancel', action } }
  if (wanted && isSameAttempt(action.target, wanted)) {
    // The revision may have changed in a setting that does not concern the device.
    const next: DdiAction = { ...action, target: targetOf(wanted) }
    const kind = next.state === 'asked' ? 'confirm' : 'deploy'
    return { record: { ...record, action: next }, offer: { kind, action: next } }
  }
  if (!action.isSeen) return begun({ ...record, action: undefined }, wanted, facts)
  if (action.isUncancellable) return { record, offer: { kind: 'deploy', action } }
  const cancelling: DdiAction = { ...action, state: 'cancelling', sinceMs: nowMs }
  return { record: { ...record, action: cancelling }, offer: { kind: 'cancel', action: cancelling } }
}

function begun(record: DdiRecord, wanted: DesiredItem | undefined, facts: DdiFacts): DdiStep {
  const { updates, mustConfirm } = facts
  if (!wanted) return { record: withoutWaiting(record), offer: { kind: 'none' } }
  const target = targetOf(wanted)
  if (isInstalled(record, target) || failureOfTarget(record, target)) {
    return { record: withoutWaiting(record), offer: { kind: 'none' } }
  }
  const hold = holdOf(wanted, updates)
  if (hold) {
    const { digest, retryToken } = target
    const isKnown = record.waiting && isSameAttempt(record.waiting, target)
    const waiting = isKnown ? record.waiting : { digest, retryToken, sinceMs: updates.timeMs }
    return { record: { ...record, waiting }, offer: { kind: 'none' }, hold }
  }
  const id = record.lastActionId + 1
  const action: DdiAction = { id, target, state: mustConfirm ? 'asked' : 'offered', sinceMs: updates.timeMs }
  const next = { ...withoutWaiting(record), lastActionId: id, action }
  return { record: next, offer: { kind: mustConfirm ? 'confirm' : 'deploy', action } }
}

/**
 * One offer of the protocol is for download and installation together. So the window of the installation decides, and
 * that of the download only if there is no other.
 */
const holdOf = (item: DesiredItem, updates: UpdateFacts): UpdateHold | undefined =>
  item.window?.install ? installHold(item, updates) : downloadHold(item, updates)

const withoutWaiting = (record: DdiRecord): DdiRecord =>
  record.waiting === undefined ? record : { ...record, waiting: undefined }

/** The record after the device has read its order. */
export function seenAction(record: DdiRecord, id: number): DdiRecord {
  const { action } = record
  return action?.id === id && !action.isSeen ? { ...record, action: { ...action, isSeen: true } } : record
}
