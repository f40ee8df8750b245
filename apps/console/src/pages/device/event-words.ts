/** Event words: the details of an event besides its kind, in one line. */
import type { DeviceChange } from '@skerry/contract/devices/device-event'
import { rememberedText } from '@skerry/core/devices/cause-words'
import { texts } from '../../texts/english.ts'
import { timeLocale } from '../../texts/language.ts'
import { deviceWords, spanText } from './english-device.ts'

const words = deviceWords.event

const day = new Intl.DateTimeFormat(timeLocale, { dateStyle: 'medium' })

/** `atMs` is the time when the hub received it. */
export function changeText(change: DeviceChange, atMs: number): string {
  switch (change.kind) {
    case 'item':
      return itemText(change)
    case 'condition-raised':
      return `${change.message} (${change.code})`
    case 'condition-cleared':
      return change.code
    case 'agent-started':
      return words.agent(change.version)
    case 'agent-updated':
      return words.updated(change.before, change.after)
    case 'endpoints':
      return [change.endpoints.rest, change.endpoints.grpc].filter(Boolean).join(', ') || words.noEndpoints
    case 'generation':
      return words.generation(change.before, change.after)
    case 'heard-again':
      return words.silent(spanText(atMs - change.silentSinceMs))
    case 'joined':
      return words.joined(change.site, change.isPending)
    case 'approved':
      return words.by(change.by)
    case 'duplicated':
      return words.duplicated(change.kept, change.other)
    case 'denied':
    case 'revoked':
    case 'resumed':
    case 'quarantined':
    case 'released':
    case 'wipe-ordered':
      return words.because(change.by, change.reason)
    case 'wiped':
      return words.wiped
    case 'certified':
      return words.certified(day.format(change.notAfterMs))
    case 'relabelled':
      return labelsText(change)
    case 'conflict-paused':
      return words.conflict(change.reported, change.issued)
    case 'retry-asked':
      return words.retry(change.deployment, change.by)
  }
}

type Relabelled = Extract<DeviceChange, { kind: 'relabelled' }>

const labelsText = ({ set, removed, by }: Relabelled) =>
  [
    ...Object.entries(set).map(([key, value]) => `${key}=${value}`),
    ...removed.map((key) => deviceWords.relabelRemoved(key)),
    words.by(by),
  ].join(', ')

function itemText({ name: model, before, after }: Extract<DeviceChange, { kind: 'item' }>): string {
  if (!after) return words.itemGone(model)
  const { itemState } = texts
  const isOnItsWay = before?.version === after.version && before.state !== after.state
  return [
    words.item(model, after.version, itemState[after.state]),
    ...(isOnItsWay ? [words.from(itemState[before.state])] : []),
    ...(after.cause ? [`${rememberedText(after.cause)}${after.cause.message} (${after.cause.code})`] : []),
    after.serving === undefined ? words.servesNone : words.serves(after.serving),
  ].join(' · ')
}
