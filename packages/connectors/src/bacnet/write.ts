/** BACnet write: a present value, at a priority. What counts is of the highest priority that anybody has written at. [ASHRAE 135, 19.2] */
import type { WriteOutcome, WriteProblem } from '@skerry/connectors/session'
import { BACNET_PRESENT_VALUE, bacnetObjectOf } from '@skerry/contract/sources/bacnet-object'
import type { BacnetTag } from '@skerry/contract/sources/protocols/source-bacnet'
import type { TagContent } from '@skerry/contract/sources/tag'
import { refusalCause } from './exceptions.ts'
import { appDataFor, isHeld } from './value.ts'
import type { Property, Wire } from './wire.ts'

const PRIORITY_ARRAY = 87

export async function writeTag(
  wire: Wire,
  tag: BacnetTag,
  value: TagContent,
  signal: AbortSignal,
): Promise<WriteOutcome> {
  const object = bacnetObjectOf(tag.address)
  const data = appDataFor(tag, value)
  if (!object || !data) return refused('tag_type', `${JSON.stringify(value)} does not fit this tag`)
  const order = { property: BACNET_PRESENT_VALUE, priority: tag.priority, value: data }
  const written = await wire.write(object, order, signal)
  if (!written.ok) {
    const { message } = refusalCause(written.refusal)
    const isKnown = written.refusal.kind !== 'unreadable'
    return isKnown ? refused('write_refused', message) : refused('write_unverified', message)
  }
  if (!tag.write?.verify) return { ok: true }
  const held = await wire.read(object, heldAt(tag), signal)
  if (!held.ok)
    return refused(
      'write_unverified',
      `the value was written, but cannot be read back: ${refusalCause(held.refusal).message}`,
    )
  if (isHeld(held.value, data)) return { ok: true }
  return refused('write_unverified', 'the value was written, but the device has another value now')
}

/** What was written at a priority is held there, whatever counts. */
const heldAt = ({ priority }: BacnetTag): Property =>
  priority === undefined ? { id: BACNET_PRESENT_VALUE } : { id: PRIORITY_ARRAY, index: priority }

const refused = (code: WriteProblem, message: string): WriteOutcome => ({ ok: false, code, message })
