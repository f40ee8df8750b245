/** IEC 104 write: one command, confirmed by the station, and seen in what it tells afterwards. */
import type { WriteOutcome, WriteProblem } from '@skerry/connectors/session'
import type { Iec104Command, Iec104Connection, Iec104Tag } from '@skerry/contract/sources/protocols/source-iec104'
import type { TagContent, TagValue } from '@skerry/contract/sources/tag'
import { unscaled } from '@skerry/core/tags/tag-scaling'
import { placeOf } from './address.ts'
import { type Asdu, CAUSE, type Order } from './asdu.ts'
import { answerTo, commandElement, typeOf } from './command.ts'
import type { Image } from './image.ts'

type Answer = NonNullable<ReturnType<typeof answerTo>>

export type Station = {
  connection: Iec104Connection
  image: Image
  /** Undefined where the station does not answer in time. */
  ask(order: Order, isAnswer: (heard: Asdu) => Answer | undefined, signal: AbortSignal): Promise<Answer | undefined>
  changed(): Promise<void>
}

export async function writeTag(
  station: Station,
  tag: Iec104Tag,
  value: TagContent,
  signal: AbortSignal,
): Promise<WriteOutcome> {
  const { command } = tag
  if (!command) return refused('tag_read_only', 'the tag has no command')
  const raw = typeof value === 'number' ? unscaled(value, tag, { isInteger: false, held: 0 }) : value
  for (const isSelect of command.select ? [true, false] : [false]) {
    const element = raw === undefined ? undefined : commandElement(command, raw, isSelect)
    if (!element) return refused('tag_type', `${JSON.stringify(value)} does not fit a ${command.kind} command`)
    const order = orderOf(station, { tag, command }, element)
    const answer = await station.ask(order, (heard) => answerTo(order, heard), signal)
    if (!answer) return refused('write_unverified', 'the station has not confirmed it')
    if (!answer.ok) return refused('write_refused', answer.message)
  }
  return tag.write?.verify ? verify(station, tag, value, signal) : { ok: true }
}

function orderOf(
  { connection }: Station,
  { tag, command }: { tag: Iec104Tag; command: Iec104Command },
  element: Uint8Array,
): Order {
  return {
    type: typeOf(command),
    cause: CAUSE.activation,
    originator: connection.originator,
    element,
    ...placeOf(command.address ?? tag.address, connection),
  }
}

/** Equipment moves when it has moved: what it tells of the tag has to become what was written. */
async function verify(
  { image, connection, changed }: Station,
  tag: Iec104Tag,
  value: TagContent,
  signal: AbortSignal,
): Promise<WriteOutcome> {
  const late = AbortSignal.any([signal, AbortSignal.timeout(connection.timeoutMs)])
  const given = Promise.withResolvers<void>()
  late.addEventListener('abort', () => given.resolve(), { once: true })
  while (!late.aborted) {
    const news = changed()
    if (isSame(image.newest(tag.name), value, toleranceOf(tag, value))) return { ok: true }
    await Promise.race([news, given.promise])
  }
  return refused('write_unverified', 'the station confirmed the command, but still reports another value')
}

function isSame(told: TagValue | undefined, value: TagContent, tolerance: number): boolean {
  if (!told || told.quality === 'bad') return false
  if (typeof value !== 'number' || typeof told.value !== 'number') return told.value === value
  return Math.abs(told.value - value) <= tolerance
}

/** [IEC 60870-5-101, 7.2.6.6 to 7.2.6.8] A scaled value is whole, a normalised one has 15 bits behind the point, a short float 24 in all. */
function toleranceOf({ command, scale }: Iec104Tag, value: TagContent): number {
  if (command?.kind === 'scaled') return Math.abs(scale) * 0.501
  if (command?.kind === 'normalised') return Math.abs(scale) * 2 ** -15
  return typeof value === 'number' ? Math.max(Math.abs(value), Math.abs(scale)) * 2 ** -22 : 0
}

const refused = (code: WriteProblem, message: string): WriteOutcome => ({ ok: false, code, message })
