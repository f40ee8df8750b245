/** OPC UA group: the tags of a group with their nodes, and what the server says of them as a reading. */
import { emptyReading, type Reading } from '@skerry/connectors/reading'
import { badValue, numberScaler } from '@skerry/connectors/value'
import type { OpcuaTag } from '@skerry/contract/sources/protocols/source-opcua'
import type { TagCause } from '@skerry/contract/sources/tag'
import type { DataValue, NodeId } from 'node-opcua-client'
import { isMethod } from './method.ts'
import type { MethodResults } from './method-results.ts'
import { findNode } from './node-id.ts'
import { plainNumber, readTag } from './value.ts'

export type NodeTag = { tag: OpcuaTag; place: number; nodeId: NodeId; scale: (raw: number) => number }

export type NodeGroup = {
  /** How many tags it has. */
  size: number
  nodes: NodeTag[]
  /** Those that cannot be asked for, and why. */
  wrong: { tag: OpcuaTag; place: number; cause: TagCause }[]
  /** Those that are called, and not asked for. */
  methods: { tag: OpcuaTag; place: number }[]
}

export function nodeGroupOf(tags: readonly OpcuaTag[], namespaces: readonly string[]): NodeGroup {
  const group: NodeGroup = { size: tags.length, nodes: [], wrong: [], methods: [] }
  for (const [place, tag] of tags.entries()) {
    if (isMethod(tag)) {
      group.methods.push({ tag, place })
      continue
    }
    const found = findNode(tag, namespaces)
    if (found.ok) group.nodes.push({ tag, place, nodeId: found.nodeId, scale: numberScaler(tag) })
    else group.wrong.push({ tag, place, cause: { code: 'address_wrong', message: found.message } })
  }
  return group
}

/** A reading that says what is wrong, and nothing yet of the others. */
export function readingWithWrong({ size, wrong }: NodeGroup, receivedTimeMs: number): NodeReading {
  const reading = { ...emptyReading(size), sourceTimesMs: new Float64Array(size).fill(Number.NaN) }
  for (const { tag, place, cause } of wrong) setBad(reading, { tag, place }, cause, receivedTimeMs)
  return reading
}

/** Of the methods of a group what they gave last. */
export function setResults(reading: Reading, methods: NodeGroup['methods'], results: Pick<MethodResults, 'of'>): void {
  for (const { tag, place } of methods) {
    const result = results.of(tag)
    reading.receivedTimesMs[place] = result.receivedTimeMs
    reading.others.set(place, result)
  }
}

export type NodeReading = Reading & { sourceTimesMs: Float64Array }

export function setBad(
  reading: Reading,
  { tag, place }: { tag: OpcuaTag; place: number },
  cause: TagCause,
  receivedTimeMs: number,
): void {
  reading.receivedTimesMs[place] = receivedTimeMs
  reading.others.set(place, badValue(tag.name, cause, receivedTimeMs))
}

/** Puts what the server said of a node where it belongs. */
export function setValue(reading: NodeReading, node: NodeTag, data: DataValue, receivedTimeMs: number): void {
  const { place, tag } = node
  const number = node.scale(plainNumber(data))
  reading.receivedTimesMs[place] = receivedTimeMs
  reading.numbers[place] = number
  reading.sourceTimesMs[place] = data.sourceTimestamp?.getTime() ?? Number.NaN
  if (Number.isNaN(number)) reading.others.set(place, readTag(tag, data, receivedTimeMs))
  else reading.others.delete(place)
}
