/** BACnet read: several objects by one request, in smaller ones where the device cannot answer so much, one by one where it knows no other way. */

import { badValue } from '@skerry/connectors/value'
import { BACNET_PRESENT_VALUE, bacnetObjectOf } from '@skerry/contract/sources/bacnet-object'
import type { BacnetTag } from '@skerry/contract/sources/protocols/source-bacnet'
import type { TagValue } from '@skerry/contract/sources/tag'
import type { Clock } from '@skerry/platform/process/clock'
import { type Refusal, refusalCause } from './exceptions.ts'
import { readProperty } from './value.ts'
import type { Answer, Item, PropertyValue, Wire } from './wire.ts'

export type Asking = {
  wire: Wire
  clock: Clock
  /** Becomes less where the device cannot answer so much at once. */
  objectsMax: number
  /** It has no service for several: it was asked for one, and gave it only when asked plainly. */
  isPlain: boolean
}

const STATUS_FLAGS = 111

/** [135, 21] Of abort and reject: the answer has no room, in the device's memory or in one message; or is in segments that it does not have. */
const TOO_LARGE: readonly number[] = [1, 4, 11]

const isTooLarge = (refusal: Refusal) => refusal.kind === 'abort' && TOO_LARGE.includes(refusal.reason)

export async function readTags(it: Asking, tags: readonly BacnetTag[], signal: AbortSignal): Promise<TagValue[]> {
  const values: TagValue[] = []
  while (values.length < tags.length) {
    signal.throwIfAborted()
    const some = tags.slice(values.length, values.length + (it.isPlain ? 1 : it.objectsMax))
    values.push(...(await readSome(it, some, signal)))
  }
  return values
}

/** The properties of an item: the state of the object besides, where its present value is asked for. */
const itemOf = ({ address, property }: BacnetTag): Item => {
  const { type, instance } = bacnetObjectOf(address) ?? { type: 0, instance: 0 }
  const ids = property === BACNET_PRESENT_VALUE ? [property, STATUS_FLAGS] : [property]
  return { object: { type, instance }, properties: ids.map((id) => ({ id })) }
}

async function readSome(it: Asking, tags: readonly BacnetTag[], signal: AbortSignal): Promise<TagValue[]> {
  const [first] = tags
  if (first && it.isPlain) return [await readPlainly(it, first, signal)]
  const items = tags.map(itemOf)
  const answer = await it.wire.readAll(items, signal)
  const receivedTimeMs = it.clock.nowMs()
  if (answer.ok) {
    return tags.map((tag, at) => {
      const [value = [], flags] = answer.value[at] ?? []
      return readProperty(tag, { value, flags }, receivedTimeMs)
    })
  }
  const middle = Math.ceil(tags.length / 2)
  if (first && tags.length === 1) {
    const value = await readPlainly(it, first, signal)
    it.isPlain ||= value.quality !== 'bad'
    return [value]
  }
  if (isTooLarge(answer.refusal)) it.objectsMax = middle
  return [...(await readSome(it, tags.slice(0, middle), signal)), ...(await readSome(it, tags.slice(middle), signal))]
}

async function readPlainly(it: Asking, tag: BacnetTag, signal: AbortSignal): Promise<TagValue> {
  const { object, properties } = itemOf(tag)
  const answers: Answer<PropertyValue>[] = []
  for (const property of properties) answers.push(await it.wire.read(object, property, signal))
  const [answer, flags] = answers
  const receivedTimeMs = it.clock.nowMs()
  if (!answer?.ok) {
    return badValue(tag.name, refusalCause(answer?.refusal ?? { kind: 'unreadable' }), receivedTimeMs)
  }
  // An object without such flags refuses them.
  return readProperty(tag, { value: answer.value, flags: flags?.ok ? flags.value : undefined }, receivedTimeMs)
}
