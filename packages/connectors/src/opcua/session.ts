/** OPC UA session: hears or asks for groups of tags, writes single ones, calls methods, and looks around. */
import { perGroup, type Reading } from '@skerry/connectors/reading'
import type { OpenSession, Session } from '@skerry/connectors/session'
import type { OpcuaSource } from '@skerry/contract/sources/source'
import { AttributeIds } from 'node-opcua-client'
import { browseNode } from './browse.ts'
import { type NodeGroup, nodeGroupOf, readingWithWrong, setBad, setResults, setValue } from './group.ts'
import { watchGroup } from './items.ts'
import { readLimits } from './limits.ts'
import { createMethodResults, type MethodResults } from './method-results.ts'
import { createPublishing } from './subscription.ts'
import { openWire, type Wire } from './wire.ts'
import { createWriter } from './write.ts'

/** Connects. */
export const openOpcua: OpenSession<OpcuaSource> = async (source, deps, signal): Promise<Session> => {
  const { connection } = source
  const { clock } = deps
  const wire = await openWire(source, deps, signal)
  try {
    const limits = await readLimits(wire, connection, signal)
    const tags = new Map(source.groups.flatMap((group) => group.tags.map((tag) => [tag.name, tag] as const)))
    const nodesOf = perGroup((group) =>
      nodeGroupOf(
        group.tags.flatMap(({ name }) => tags.get(name) ?? []),
        limits.namespaces,
      ),
    )
    const results = createMethodResults(clock)
    const writer = createWriter({ wire, namespaces: limits.namespaces, results }, source)
    const publishing = createPublishing(wire)
    const session: Session = {
      read: (group, waiting) =>
        readAll({ wire, nowMs: clock.nowMs, itemsMax: limits.readMax, results }, nodesOf(group), waiting),
      hasTimesOfChange: true,
      write: (name, value, waiting) => writer.write(name, value, waiting),
      browse: (path, waiting) => browseNode(wire, path, waiting),
      [Symbol.asyncDispose]: () => wire[Symbol.asyncDispose](),
    }
    if (connection.reading === 'poll') return session
    const watched = { wire, publishing, connection, clock, itemsMax: limits.watchMax, results }
    return {
      ...session,
      subscribe: (group, tell, waiting) =>
        watchGroup({ ...watched, tell, delayMs: delayMsOf(source, group.name) }, group, nodesOf(group), waiting),
    }
  } catch (error) {
    await wire[Symbol.asyncDispose]()
    throw error
  }
}

/** A server tells what a subscription has from its beginning on, again and again: messages of all groups at once would be in the way of a write. */
function delayMsOf({ groups }: OpcuaSource, name: string): number {
  const place = groups.findIndex((group) => group.name === name)
  return (Math.min(groups[place]?.everyMs ?? 0, DELAY_MAX_MS) * Math.max(0, place)) / groups.length
}

/** Nobody waits longer than this for the first value of a group. */
const DELAY_MAX_MS = 1_000

type Reader = { wire: Wire; nowMs: () => number; itemsMax: number; results: MethodResults }

async function readAll(reader: Reader, group: NodeGroup, signal: AbortSignal): Promise<Reading> {
  const { wire, nowMs, itemsMax, results } = reader
  const reading = readingWithWrong(group, nowMs())
  setResults(reading, group.methods, results)
  for (let from = 0; from < group.nodes.length; from += itemsMax) {
    const part = group.nodes.slice(from, from + itemsMax)
    const nodes = part.map(({ nodeId }) => ({ nodeId, attributeId: AttributeIds.Value }))
    const values = await wire.ask(() => wire.session.read(nodes), signal)
    const receivedTimeMs = nowMs()
    for (const [index, node] of part.entries()) {
      const value = values[index]
      if (value) setValue(reading, node, value, receivedTimeMs)
      else setBad(reading, node, UNANSWERED, receivedTimeMs)
    }
  }
  return reading
}

const UNANSWERED = { code: 'value_missing', message: 'the server sent nothing about this node' }
