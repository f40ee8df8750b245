/**
 * OPC UA items: the tags of a group that the server watches, and how its notifications become readings. [OPC 10000-4,
 * 5.12]
 */
import type { Reading } from '@skerry/connectors/reading'
import type { Tell } from '@skerry/connectors/session'
import type { OpcuaConnection } from '@skerry/contract/sources/protocols/source-opcua'
import type { Group } from '@skerry/contract/sources/source'
import type { Clock } from '@skerry/platform/process/clock'
import {
  AttributeIds,
  DataChangeFilter,
  type DataChangeNotification,
  DataChangeTrigger,
  DeadbandType,
  MonitoringMode,
  TimestampsToReturn,
} from 'node-opcua-client'
import {
  type NodeGroup,
  type NodeReading,
  type NodeTag,
  readingWithWrong,
  setBad,
  setResults,
  setValue,
} from './group.ts'
import type { MethodResults } from './method-results.ts'
import { isBad, statusCause } from './status.ts'
import type { Publishing } from './subscription.ts'
import type { Wire } from './wire.ts'

/** In milliseconds. A program that is loaded later may add missing nodes. */
const RETRY_MS = 30_000

/** [OPC 10000-4, 5.13.2] The server deletes a subscription after this many missed keep-alives. */
const LIFETIMES = 10

export type WatchedItem = {
  wire: Wire
  publishing: Publishing
  connection: OpcuaConnection
  clock: Clock
  itemsMax: number
  results: MethodResults
  tell: Tell
  /** The delay before it begins, so that not all groups send at the same moment. */
  delayMs: number
}

type Watching = WatchedItem & { id: number; everyMs: number; group: NodeGroup; repeats: Repeats }

/** Creates a subscription for the group, and reports its values, until the signal aborts. */
export async function watchGroup(it: WatchedItem, group: Group, nodes: NodeGroup, signal: AbortSignal): Promise<never> {
  const repeats = createRepeats(nodes)
  await it.clock.sleep(it.delayMs, signal)
  // Keep-alives come often enough to detect a dead server in time, and to repeat values that have a limit of silence.
  const lifeMs = Math.min(it.connection.timeoutMs, repeats.everyMs) / 2
  const requestedPublishingInterval = Math.min(group.everyMs, lifeMs)
  const created = await it.wire.ask(
    () =>
      it.wire.session.createSubscription({
        requestedPublishingInterval,
        maxNotificationsPerPublish: 0,
        priority: 0,
        publishingEnabled: true,
        requestedMaxKeepAliveCount: Math.max(1, Math.floor(lifeMs / requestedPublishingInterval)),
        requestedLifetimeCount: LIFETIMES * Math.max(3, Math.ceil(lifeMs / requestedPublishingInterval)),
      }),
    signal,
  )
  const { subscriptionId: id, revisedPublishingInterval, revisedMaxKeepAliveCount } = created
  const silenceMs = revisedPublishingInterval * revisedMaxKeepAliveCount + it.connection.timeoutMs
  const watching: Watching = { ...it, id, everyMs: group.everyMs, group: nodes, repeats }
  const onHeard = (changes: readonly DataChangeNotification[]) => hear(watching, changes)
  return Promise.race([it.publishing.follow({ id, silenceMs, onHeard }, signal), keepCreating(watching, signal)])
}

async function keepCreating(it: Watching, signal: AbortSignal): Promise<never> {
  const nowMs = it.clock.nowMs()
  const { wrong } = it.group
  if (wrong.length > 0) it.tell(readingWithWrong(it.group, nowMs), placesOf(wrong))
  tellResults(it, signal)
  for (let missing = it.group.nodes; ; ) {
    missing = await createItems(it, missing, signal)
    await it.clock.sleep(RETRY_MS, signal)
  }
}

/** Reports the results of methods: now, and after each call. */
function tellResults({ group, results, tell }: Watching, signal: AbortSignal): void {
  const { methods } = group
  if (methods.length === 0) return
  const tellSome = (some: NodeGroup['methods']) => {
    const reading = readingWithWrong({ ...group, wrong: [] }, 0)
    setResults(reading, some, results)
    if (some.length > 0) tell(reading, placesOf(some))
  }
  tellSome(methods)
  results.follow((name) => tellSome(methods.filter(({ tag }) => tag.name === name)), signal)
}

const placesOf = (tags: readonly { place: number }[]) => Uint32Array.from(tags, ({ place }) => place).sort()

/** Resolves with the nodes that the server does not watch. */
async function createItems(it: Watching, nodes: readonly NodeTag[], signal: AbortSignal): Promise<NodeTag[]> {
  const refused: NodeTag[] = []
  const reading = readingWithWrong({ ...it.group, wrong: [] }, 0)
  for (let from = 0; from < nodes.length; from += it.itemsMax) {
    const part = nodes.slice(from, from + it.itemsMax)
    const filtered = await createSome(it, part, deadbandFilter, signal)
    const plain = filtered.filter(({ node, status }) => deadbandFilter(node) && /Filter|Deadband/.test(status.name))
    const others = filtered.filter((entry) => !plain.includes(entry))
    const again = await createSome(
      it,
      plain.map(({ node }) => node),
      () => undefined,
      signal,
    )
    for (const { node, status } of [...others, ...again]) {
      refused.push(node)
      setBad(reading, node, statusCause(status), it.clock.nowMs())
    }
  }
  if (refused.length > 0) it.tell(reading, placesOf(refused))
  return refused
}

async function createSome(
  { wire, id, everyMs }: Watching,
  nodes: readonly NodeTag[],
  filterOf: (node: NodeTag) => DataChangeFilter | undefined,
  signal: AbortSignal,
) {
  if (nodes.length === 0) return []
  const itemsToCreate = nodes.map((node) => {
    const filter = filterOf(node)
    const requestedParameters = {
      clientHandle: node.place,
      samplingInterval: everyMs,
      queueSize: 1,
      discardOldest: true,
    }
    return {
      itemToMonitor: { nodeId: node.nodeId, attributeId: AttributeIds.Value },
      monitoringMode: MonitoringMode.Reporting,
      requestedParameters: filter ? { ...requestedParameters, filter } : requestedParameters,
    }
  })
  const timestampsToReturn = TimestampsToReturn.Source
  const { results } = await wire.ask(
    () => wire.session.createMonitoredItems({ subscriptionId: id, timestampsToReturn, itemsToCreate }),
    signal,
  )
  return nodes.flatMap((node, index) => {
    const status = results?.[index]?.statusCode
    return status && isBad(status) ? [{ node, status }] : []
  })
}

/**
 * [OPC 10000-4, 7.22.2] The deadband of the number before scaling. A relative deadband is judged here: the server would
 * take it as a share of the range.
 */
function deadbandFilter({ tag: { deadband, scale, mask, shift } }: NodeTag): DataChangeFilter | undefined {
  if (deadband === undefined || !('absolute' in deadband) || mask !== undefined || shift !== undefined) return undefined
  return new DataChangeFilter({
    trigger: DataChangeTrigger.StatusValue,
    deadbandType: DeadbandType.Absolute,
    deadbandValue: deadband.absolute / Math.abs(scale),
  })
}

function hear(it: Watching, changes: readonly DataChangeNotification[]): void {
  const nowMs = it.clock.nowMs()
  const reading = readingWithWrong({ ...it.group, wrong: [] }, nowMs)
  const places: number[] = []
  const byPlace = it.repeats.nodes
  for (const { monitoredItems } of changes) {
    for (const { clientHandle, value } of monitoredItems ?? []) {
      const node = byPlace.get(clientHandle)
      if (!node) continue
      setValue(reading, node, value, nowMs)
      places.push(clientHandle)
    }
  }
  places.push(...it.repeats.due(reading, places, nowMs))
  if (places.length > 0) it.tell(reading, risingOnce(places))
}

/** With a queue of one, a message usually has each item once. */
function risingOnce(places: readonly number[]): Uint32Array {
  const rising = Uint32Array.from(places).sort()
  return rising.every((place, index) => place !== rising[index - 1]) ? rising : Uint32Array.from(new Set(rising))
}

type Repeats = {
  nodes: ReadonlyMap<number, NodeTag>
  /** The shortest interval of a repeat. */
  everyMs: number
  /** Puts unchanged values that must be repeated into the reading, and returns their places. */
  due(reading: NodeReading, told: readonly number[], nowMs: number): number[]
}

/**
 * The server has just sent a message. So values without a change in it are still current. They are repeated twice
 * within the limit of silence, so that it never passes.
 */
function createRepeats({ nodes }: NodeGroup): Repeats {
  const silenceOf = ({ tag }: NodeTag) => tag.silenceMaxMs ?? Number.POSITIVE_INFINITY
  const silent = nodes.filter(({ tag }) => tag.silenceMaxMs !== undefined)
  const last = new Map<
    number,
    { number: number; sourceTimeMs: number; other: ReturnType<Reading['others']['get']>; atMs: number }
  >()
  return {
    nodes: new Map(nodes.map((node) => [node.place, node])),
    everyMs: Math.min(...silent.map(silenceOf), Number.POSITIVE_INFINITY),
    due(reading, told, nowMs) {
      if (silent.length === 0) return []
      for (const place of told) {
        const number = reading.numbers[place] ?? Number.NaN
        const sourceTimeMs = reading.sourceTimesMs[place] ?? Number.NaN
        last.set(place, { number, sourceTimeMs, other: reading.others.get(place), atMs: nowMs })
      }
      return silent.flatMap((node) => {
        const before = last.get(node.place)
        if (!before || nowMs - before.atMs < silenceOf(node) / 2) return []
        before.atMs = nowMs
        reading.numbers[node.place] = before.number
        reading.receivedTimesMs[node.place] = nowMs
        reading.sourceTimesMs[node.place] = before.sourceTimeMs
        if (before.other) reading.others.set(node.place, { ...before.other, receivedTimeMs: nowMs })
        return [node.place]
      })
    },
  }
}
