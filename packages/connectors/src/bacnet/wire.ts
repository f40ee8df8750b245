/** BACnet wire: one question at a time to one device. What nobody answers is asked again, as often as was said; what is written is sent once. */

import bacnet, { type BACNetAddress, type BACNetAppData } from '@bacnet-js/client'
import { SourceTrouble } from '@skerry/connectors/session'
import { type Politely, politelyTogether } from '@skerry/connectors/turns'
import type { BacnetConnection } from '@skerry/contract/sources/protocols/source-bacnet'
import type { Clock } from '@skerry/platform/process/clock'
import { type Refusal, refusalOf } from './exceptions.ts'
import { openTransport } from './transport.ts'

export type ObjectId = { type: number; instance: number }
/** `index` of an array. */
export type Property = { id: number; index?: number }
export type Item = { object: ObjectId; properties: Property[] }

/** The values of a property, of which an array or a list has several. */
export type PropertyValue = { type: number; value: unknown }[]

export type Answer<T> = { ok: true; value: T } | { ok: false; refusal: Refusal }

export type Wire = AsyncDisposable & {
  read(object: ObjectId, property: Property, signal: AbortSignal): Promise<Answer<PropertyValue>>
  /** By item and property, in their order. */
  readAll(items: readonly Item[], signal: AbortSignal): Promise<Answer<PropertyValue[][]>>
  write(object: ObjectId, order: WriteOrder, signal: AbortSignal): Promise<Answer<void>>
}

export type WriteOrder = { property: number; priority: number | undefined; value: BACNetAppData }

type Client = InstanceType<typeof bacnet.default>
type Link = {
  client: Client
  receiver: BACNetAddress
  connection: BacnetConnection
  clock: Clock
  gone: Promise<never>
  inTurn: Politely
}

/** Opens a port; whether the device is there shows at the first question. Throws `SourceTrouble`. */
export async function openWire(connection: BacnetConnection, clock: Clock, signal: AbortSignal): Promise<Wire> {
  const name = `${connection.host}:${connection.port}`
  const gone = Promise.withResolvers<never>()
  gone.promise.catch(() => undefined)
  const fail = (reason: string) =>
    gone.reject(new SourceTrouble('source_unreachable', `nothing listens at ${name} (${reason})`))
  const transport = await openTransport(connection, fail, signal).catch((cause: unknown) => {
    signal.throwIfAborted()
    throw new SourceTrouble('source_unreachable', `cannot ask ${name} (${textOf(cause)})`, { cause })
  })
  const client = new bacnet.default({ transport, apduTimeout: connection.timeoutMs + LIBRARY_LATER_MS })
  client.on('error', (error) => fail(error.message))
  const inTurn = politelyTogether(connection.pauseBetweenRequestsMs, clock)
  const it: Link = { client, receiver: { address: name }, connection, clock, gone: gone.promise, inTurn }
  return {
    read: (object, property, waiting) => {
      const options = property.index === undefined ? {} : { arrayIndex: property.index }
      const work = async () => (await client.readProperty(it.receiver, object, property.id, options)).values
      return ask(it, work, connection.retries, waiting)
    },
    readAll: (items, waiting) => ask(it, () => readAll(it, items), connection.retries, waiting),
    write(object, { property, priority, value }, waiting) {
      const options = priority === undefined ? {} : { priority }
      return ask(it, () => client.writeProperty(it.receiver, object, property, [value], options), 0, waiting)
    },
    [Symbol.asyncDispose]: async () => client.close(),
  }
}

/** Its own patience goes by the time of day, which somebody may set; ours is first. */
const LIBRARY_LATER_MS = 1_000

/** [135, 20.1.2.11] In place of an index: the whole of it. */
const WHOLE = 0xffff_ffff

async function readAll({ client, receiver }: Link, items: readonly Item[]): Promise<PropertyValue[][]> {
  const asked = items.map(({ object, properties }) => ({
    objectId: object,
    properties: properties.map(({ id, index = WHOLE }) => ({ id, index })),
  }))
  const { values } = await client.readPropertyMultiple(receiver, asked)
  return items.map(({ object, properties }, at) => {
    const answer = values[at]
    const isOurs = answer?.objectId.type === object.type && answer.objectId.instance === object.instance
    if (!isOurs || answer.values.length !== properties.length) throw new Error('INVALID_DECODING')
    return answer.values.map(({ value }) => (Array.isArray(value) ? value : [value]))
  })
}

const ask = <T>(it: Link, work: () => Promise<T>, retries: number, signal: AbortSignal): Promise<Answer<T>> =>
  it.inTurn(() => askAgain(it, work, retries, signal), signal)

async function askAgain<T>(it: Link, work: () => Promise<T>, retries: number, signal: AbortSignal): Promise<Answer<T>> {
  for (let left = retries; ; left -= 1) {
    signal.throwIfAborted()
    const late = new AbortController()
    const lateness = it.clock
      .sleep(it.connection.timeoutMs, AbortSignal.any([signal, late.signal]))
      .then(() => undefined)
    lateness.catch(() => undefined)
    try {
      const result = await Promise.race([answered(work()), lateness, it.gone])
      if (result) return result
    } finally {
      late.abort()
    }
    if (left === 0) throw silent(it.connection)
  }
}

/** What is no answer at all is waited for: the library says so, too. */
async function answered<T>(work: Promise<T>): Promise<Answer<T>> {
  try {
    return { ok: true, value: await work }
  } catch (error) {
    return { ok: false, refusal: refusalOf(error) }
  }
}

const silent = ({ host, port, retries, timeoutMs }: BacnetConnection) =>
  new SourceTrouble('source_silent', `${host}:${port} did not answer ${retries + 1} times within ${timeoutMs} ms`)

const textOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
