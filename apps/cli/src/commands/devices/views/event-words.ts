/** Event words: the events of a device, in one line each. */
import type { DeviceChange, ItemStanding } from '@skerry/contract/devices/device-event'
import { causeText } from '@skerry/core/devices/cause-words'
import { durationText, instantText, labelsText } from '../../../program/terminal/words.ts'

/** The details of the change besides its kind. `atMs` is the time when the hub received it. */
export function changeText(change: DeviceChange, atMs: number): string {
  switch (change.kind) {
    case 'item':
      return itemText(change)
    case 'condition-raised':
      return `${change.code}: ${change.message}`
    case 'condition-cleared':
      return change.code
    case 'agent-started':
      return `agent ${change.version}`
    case 'agent-updated':
      return `from ${change.before} to ${change.after}`
    case 'endpoints':
      return [change.endpoints.rest, change.endpoints.grpc].filter(Boolean).join(', ') || 'none'
    case 'generation':
      return `uses ${change.after}, earlier ${change.before}`
    case 'heard-again':
      return `silent for ${durationText(atMs - change.silentSinceMs)}, since ${instantText(change.silentSinceMs)}`
    case 'joined':
      return `at ${change.site}${change.isPending ? ', waits for approval' : ''}`
    case 'approved':
      return `by ${change.by}`
    case 'duplicated':
      return `reported from ${change.kept}, and from ${change.other}`
    case 'denied':
    case 'revoked':
    case 'resumed':
    case 'quarantined':
    case 'released':
    case 'wipe-ordered':
      return `by ${change.by}: ${change.reason}`
    case 'wiped':
      return 'it deletes everything, and the hub rejects it from now on'
    case 'certified':
      return `until ${instantText(change.notAfterMs)}`
    case 'relabelled':
      return [labelsText(change.set), ...change.removed.map((key) => `${key}-`)].filter(Boolean).join(', ')
    case 'conflict-paused':
      return `it follows ${change.reported}, this hub issued ${change.issued}`
    case 'retry-asked':
      return `${change.deployment}, by ${change.by}`
    default:
      // A newer hub has more kinds of events. The kind itself is shown anyway.
      return ''
  }
}

function itemText({ name, before, after }: Extract<DeviceChange, { kind: 'item' }>): string {
  if (!after) return `${name}: gone`
  const from = before && stepOf(before) !== stepOf(after) ? `${stepOf(before)} → ` : ''
  const cause = after.cause ? ` (${causeText(after.cause)})` : ''
  return `${name}: ${from}${stepOf(after)}${cause}, ${after.serving ? `version ${after.serving} serves` : 'nothing serves'}`
}

const stepOf = ({ version, state }: Pick<ItemStanding, 'version' | 'state'>) => `version ${version} ${state}`
