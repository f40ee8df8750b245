/** IEC 104 session: asks the station for all it knows, listens to what it tells after that, and gives it commands one after the other. */

import type { OpenSession, Session, SessionDeps, Tell, WriteOutcome } from '@skerry/connectors/session'
import { SourceTrouble } from '@skerry/connectors/session'
import { takeTurns } from '@skerry/connectors/turns'
import type { BrowseEntry } from '@skerry/contract/connections/browse-entry'
import type { Iec104Connection } from '@skerry/contract/sources/protocols/source-iec104'
import type { Group, Iec104Source } from '@skerry/contract/sources/source'
import type { TagContent } from '@skerry/contract/sources/tag'
import { untilLost } from '@skerry/platform/process/until-lost'
import { commonAddressesOf } from './address.ts'
import { type Asdu, CAUSE, encodeAsdu, type Order, TYPE } from './asdu.ts'
import { answerTo } from './command.ts'
import { createImage, type Image } from './image.ts'
import { openWire, type Wire } from './wire.ts'
import { type Station, writeTag } from './write.ts'

/** Beyond it the station is held back until what it told has been passed on. */
const WAITING_MAX = 10_000

/** [IEC 60870-5-101, 7.2.6.22] All of the station. */
const WHOLE_STATION = 20

/** Connects, starts data transfer and interrogates each station. */
export const openIec104: OpenSession<Iec104Source> = async (source, deps, signal): Promise<Session> => {
  const { connection } = source
  const image = createImage(source.groups, connection, deps.clock.nowMs)
  const heard = createHearing(image, deps)
  const wire = await openWire(connection, { clock: deps.clock, hear: heard.hear }, signal)
  heard.attach(wire)
  const station: Station = { connection, image, ask: asking(connection, { wire, deps, heard }), changed: heard.changed }
  const interrogateAll = async (waiting: AbortSignal) => {
    for (const commonAddress of commonAddressesOf(source)) await interrogate(station, commonAddress, waiting)
  }
  try {
    await interrogateAll(signal)
  } catch (error) {
    await wire[Symbol.asyncDispose]()
    throw error
  }
  const tags = new Map(source.groups.flatMap((group) => group.tags.map((tag) => [tag.name, tag] as const)))
  const turn = takeTurns()
  return {
    read: async ({ tags: asked }) => image.whole(asked),
    subscribe: (group, tell, waiting) =>
      Promise.race([
        wire.gone,
        listen({ image, heard, deps, wire }, group, tell, waiting),
        // Once for all groups.
        ...(group.name === source.groups[0]?.name ? [repeat(connection, deps, interrogateAll, waiting)] : []),
      ]),
    write(name, value: TagContent, waiting): Promise<WriteOutcome> {
      const tag = tags.get(name)
      const unknown: WriteOutcome = { ok: false, code: 'tag_unknown', message: `the source has no tag ${name}` }
      return tag ? turn(() => writeTag(station, tag, value, waiting)) : Promise.resolve(unknown)
    },
    browse: async (): Promise<BrowseEntry[]> =>
      image.addresses().map((address) => ({ path: address, label: address, isFolder: false, tag: { address } })),
    [Symbol.asyncDispose]: () => wire[Symbol.asyncDispose](),
  }
}

type Hearing = {
  hear(asdu: Asdu): void
  attach(wire: Wire): void
  /** Resolves when something has been heard. */
  changed(): Promise<void>
  listeners: Set<(asdu: Asdu) => void>
}

function createHearing(image: Image, { clock }: SessionDeps): Hearing {
  let wire: Wire | undefined
  let news = Promise.withResolvers<void>()
  const listeners = new Set<(asdu: Asdu) => void>()
  return {
    listeners,
    attach: (opened) => {
      wire = opened
    },
    changed: () => news.promise,
    hear(asdu) {
      image.hear(asdu, clock.nowMs())
      for (const listen of listeners) listen(asdu)
      if (image.size() > WAITING_MAX) wire?.pause()
      news.resolve()
      news = Promise.withResolvers<void>()
    },
  }
}

type Listening = { image: Image; heard: Hearing; deps: SessionDeps; wire: Wire }

async function listen(
  { image, heard, deps, wire }: Listening,
  { name: group, tags }: Group,
  tell: Tell,
  signal: AbortSignal,
): Promise<never> {
  // All that came with the interrogation is in the whole.
  image.take(group)
  tell(image.whole(tags))
  for (;;) {
    const changed = heard.changed()
    for (const { reading, places } of image.take(group)) {
      await deps.room(signal)
      tell(reading, places)
    }
    if (image.size() <= WAITING_MAX / 2) wire.resume()
    signal.throwIfAborted()
    await aborting(changed, signal)
  }
}

async function aborting(work: Promise<void>, signal: AbortSignal): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>()
  const give = () => reject(signal.reason)
  signal.addEventListener('abort', give, { once: true })
  try {
    await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', give)
  }
}

type Line = { wire: Wire; deps: SessionDeps; heard: Hearing }

/** Sends an order, and waits for the station's answer. */
function asking({ timeoutMs }: Connection, { wire, deps, heard }: Line): Station['ask'] {
  return async (order: Order, isAnswer, signal) => {
    const answer = Promise.withResolvers<NonNullable<ReturnType<typeof answerTo>>>()
    const listen = (asdu: Asdu) => {
      const said = isAnswer(asdu)
      if (said) answer.resolve(said)
    }
    heard.listeners.add(listen)
    const waiting = new AbortController()
    try {
      await wire.send(encodeAsdu(order), signal)
      const late = deps.clock.sleep(timeoutMs, AbortSignal.any([signal, waiting.signal])).then(() => undefined)
      return await untilLost(Promise.race([answer.promise, late]), wire.gone)
    } finally {
      heard.listeners.delete(listen)
      waiting.abort()
    }
  }
}

type Connection = Iec104Connection

async function interrogate({ connection, ask }: Station, commonAddress: number, signal: AbortSignal): Promise<void> {
  const order: Order = {
    type: TYPE.interrogation,
    cause: CAUSE.activation,
    originator: connection.originator,
    commonAddress,
    address: 0,
    element: Uint8Array.of(WHOLE_STATION),
  }
  const answer = await ask(
    order,
    (heard) => {
      const said = answerTo(order, heard)
      // Confirmed is not done: what it knows comes between the two.
      if (said && !said.ok) return said
      const isOurs = heard.type === order.type && heard.commonAddress === commonAddress
      return isOurs && heard.cause === CAUSE.termination ? { ok: true } : undefined
    },
    signal,
  )
  if (!answer) {
    const { timeoutMs } = connection
    throw new SourceTrouble('source_silent', `the interrogation of ${commonAddress} took longer than ${timeoutMs} ms`)
  }
  // A station that cannot be interrogated still tells by itself.
}

async function repeat(
  { interrogateEveryMs }: Connection,
  { clock }: SessionDeps,
  interrogateAll: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<never> {
  for (;;) {
    await clock.sleep(interrogateEveryMs ?? FOREVER_MS, signal)
    if (interrogateEveryMs !== undefined) await interrogateAll(signal)
  }
}

const FOREVER_MS = 86_400_000
