/** OPC UA write: one tag, the way back through its scaling, as the very type that the node has, and read again afterwards. */
import type { WriteOutcome, WriteProblem } from '@skerry/connectors/session'
import { writtenParts } from '@skerry/connectors/value'
import type { OpcuaTag } from '@skerry/contract/sources/protocols/source-opcua'
import type { OpcuaSource } from '@skerry/contract/sources/source'
import type { TagContent } from '@skerry/contract/sources/tag'
import { unscaled } from '@skerry/core/tags/tag-scaling'
import { AttributeIds, DataType, type DataValue, type NodeId, Variant, VariantArrayType } from 'node-opcua-client'
import { createCaller, isMethod } from './method.ts'
import type { MethodResults } from './method-results.ts'
import { findNode } from './node-id.ts'
import { isBad, statusCause } from './status.ts'
import { contentOf, isInteger, rawOf } from './value.ts'
import type { Wire } from './wire.ts'

export type Writer = { write(tag: string, value: TagContent, signal: AbortSignal): Promise<WriteOutcome> }

type Deps = { wire: Wire; namespaces: readonly string[]; results: MethodResults }
type Target = { wire: Wire; tag: OpcuaTag; nodeId: NodeId }

/** What has been written once is of a known type. */
export function createWriter(deps: Deps, { groups }: OpcuaSource): Writer {
  const { wire, namespaces } = deps
  const caller = createCaller(deps)
  const tags = new Map(groups.flatMap((group) => group.tags.map((tag) => [tag.name, tag] as const)))
  const types = new Map<string, DataType>()
  return {
    async write(name, value, signal) {
      const tag = tags.get(name)
      if (!tag) return refused('tag_unknown', `the source has no tag ${name}`)
      if (isMethod(tag)) return caller.call(tag, value, signal)
      const found = findNode(tag, namespaces)
      if (!found.ok) return refused('write_refused', found.message)
      const target = { wire, tag, nodeId: found.nodeId }
      const known = needsHeld(tag) ? undefined : types.get(name)
      const held = known ? { type: known, before: 0 } : await readHeld(target, signal)
      const shape = shapeFor(tag, held)
      if (!shape.ok) return refused('write_refused', shape.message)
      types.set(name, shape.type)
      return writeTag(target, { value, type: shape.type, before: held.before }, signal)
    },
  }
}

/** A list may have another length each time. */
const needsHeld = ({ mask, shift, count }: OpcuaTag) => mask !== undefined || shift !== undefined || count !== undefined

/** `elements` of a list that is there; 0 of one that is only declared. */
type Held = { type?: DataType | undefined; elements?: number | undefined; before: number }
type Shape = { ok: true; type: DataType } | { ok: false; message: string }

/** A list is written as long as it is: a part of one would cut off the rest of it. */
function shapeFor({ count }: OpcuaTag, { type, elements }: Held): Shape {
  const wrong = (message: string): Shape => ({ ok: false, message })
  if (!type) return wrong('the node is a list of several dimensions, or the server does not state its type')
  if (elements === count) return { ok: true, type }
  if (count === undefined) return wrong('the node is a list: set "count" to the number of its elements')
  if (elements === undefined) return wrong('the node is a single value, but the tag has a "count"')
  if (elements === 0) return { ok: true, type }
  return wrong(`the list has ${elements} elements in the server, but the tag has ${count}`)
}

async function readHeld({ wire, nodeId }: Target, signal: AbortSignal): Promise<Held> {
  const attributes = [AttributeIds.Value, AttributeIds.DataType, AttributeIds.ValueRank]
  const asked = attributes.map((attributeId) => ({ nodeId, attributeId }))
  const [held, dataType, rank] = await wire.ask(() => wire.session.read(asked), signal)
  const before: unknown = held?.value.value
  if (held && held.value.dataType !== DataType.Null) {
    const { arrayType, dataType: type } = held.value
    if (arrayType === VariantArrayType.Scalar)
      return { type, elements: undefined, before: typeof before === 'number' ? before : 0 }
    return { type: arrayType === VariantArrayType.Array ? type : undefined, elements: lengthOf(before), before: 0 }
  }
  // [OPC 10000-3, 5.6.2] -1 is a single value, 1 a list.
  const declared = rank?.value.value
  const type = declared === -1 || declared === 1 ? declaredType(dataType) : undefined
  return { type, elements: declared === 1 ? 0 : undefined, before: 0 }
}

const lengthOf = (list: unknown): number =>
  typeof list === 'object' && list !== null && 'length' in list ? Number(list.length) : 0

function declaredType(dataType?: DataValue): DataType | undefined {
  const declared: unknown = dataType?.value.value
  const number = typeof declared === 'object' && declared !== null && 'value' in declared ? declared.value : undefined
  // [OPC 10000-6, 5.1.2] Built-in types end at 25; what is derived from them does not say so here.
  return typeof number !== 'number' || number < 1 || number > 25 ? undefined : number
}

type Order = { value: TagContent; type: DataType; before: number }

async function writeTag({ wire, tag, nodeId }: Target, order: Order, signal: AbortSignal): Promise<WriteOutcome> {
  const { type: dataType } = order
  const raw = writtenParts(order.value, (one) => rawOne(tag, order, one))
  if (raw?.length !== (tag.count ?? 1)) {
    const type = DataType[dataType]
    return refused('tag_type', `${JSON.stringify(order.value)} does not fit this tag, which is ${type}`)
  }
  const value = { value: new Variant({ dataType, ...contentFor(tag, raw) }) }
  const status = await wire.ask(() => wire.session.write({ nodeId, attributeId: AttributeIds.Value, value }), signal)
  if (isBad(status)) return refused('write_refused', statusCause(status).message)
  if (!tag.write?.verify) return { ok: true }
  const after = await wire.ask(() => wire.session.read({ nodeId, attributeId: AttributeIds.Value }), signal)
  if (isBad(after.statusCode)) return refused('write_unverified', UNREADABLE)
  const isSame = JSON.stringify(contentOf(after.value)) === JSON.stringify(contentOf(value.value))
  return isSame
    ? { ok: true }
    : refused('write_unverified', 'the value was written, but the server has another value now')
}

const UNREADABLE = 'the value was written, but cannot be read back'

const contentFor = ({ count }: OpcuaTag, raw: unknown[]) =>
  count === undefined
    ? { arrayType: VariantArrayType.Scalar, value: raw[0] }
    : { arrayType: VariantArrayType.Array, value: raw }

function rawOne(tag: OpcuaTag, { type, before }: Order, one: number | boolean | string): unknown {
  const content = typeof one === 'number' ? unscaled(one, tag, { isInteger: isInteger(type), held: before }) : one
  return content === undefined ? undefined : rawOf(content, type)
}

const refused = (code: WriteProblem, message: string): WriteOutcome => ({ ok: false, code, message })
