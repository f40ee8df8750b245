/** OPC UA write: one tag, the way back through its scaling, as the very type that the node has, and read again afterwards. */
import type { WriteOutcome, WriteProblem } from '@skerry/connectors/session'
import type { OpcuaSource } from '@skerry/contract/source'
import type { OpcuaTag } from '@skerry/contract/source-opcua'
import type { TagContent } from '@skerry/contract/tag'
import { unscaled } from '@skerry/core/tag-scaling'
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
      const held = needsHeld(tag) || !types.has(name) ? await readHeld(target, signal) : undefined
      const type = types.get(name) ?? held?.type
      if (!type) return refused('write_refused', 'the node is a list, or the server does not say of which type it is')
      types.set(name, type)
      return writeTag(target, { value, type, before: held?.before ?? 0 }, signal)
    },
  }
}

const needsHeld = ({ mask, shift }: OpcuaTag) => mask !== undefined || shift !== undefined

type Held = { type: DataType | undefined; before: number }

async function readHeld({ wire, nodeId }: Target, signal: AbortSignal): Promise<Held> {
  const attributes = [AttributeIds.Value, AttributeIds.DataType, AttributeIds.ValueRank]
  const asked = attributes.map((attributeId) => ({ nodeId, attributeId }))
  const [held, dataType, rank] = await wire.ask(() => wire.session.read(asked), signal)
  const before: unknown = held?.value.value
  return { type: typeOf(held, dataType, rank), before: typeof before === 'number' ? before : 0 }
}

/** As its value is now; where it has none, as it was declared. Undefined for lists, which are not written. */
function typeOf(held?: DataValue, dataType?: DataValue, rank?: DataValue): DataType | undefined {
  if (held && held.value.dataType !== DataType.Null) {
    return held.value.arrayType === VariantArrayType.Scalar ? held.value.dataType : undefined
  }
  const declared: unknown = dataType?.value.value
  const number = typeof declared === 'object' && declared !== null && 'value' in declared ? declared.value : undefined
  // [OPC 10000-6, 5.1.2] Built-in types end at 25; what is derived from them does not say so here.
  if (typeof number !== 'number' || number < 1 || number > 25) return undefined
  // [OPC 10000-3, 5.6.2] -1 is a single value.
  return rank?.value.value === -1 ? number : undefined
}

type Order = { value: TagContent; type: DataType; before: number }

async function writeTag({ wire, tag, nodeId }: Target, order: Order, signal: AbortSignal): Promise<WriteOutcome> {
  const { type: dataType } = order
  const raw = rawOf(unscaledContent(tag, order) ?? [], dataType)
  if (raw === undefined) {
    const type = DataType[dataType]
    return refused('tag_type', `${JSON.stringify(order.value)} cannot stand in this tag, which is ${type}`)
  }
  const value = { value: new Variant({ dataType, arrayType: VariantArrayType.Scalar, value: raw }) }
  const status = await wire.ask(() => wire.session.write({ nodeId, attributeId: AttributeIds.Value, value }), signal)
  if (isBad(status)) return refused('write_refused', statusCause(status).message)
  if (!tag.write?.verify) return { ok: true }
  const after = await wire.ask(() => wire.session.read({ nodeId, attributeId: AttributeIds.Value }), signal)
  if (isBad(after.statusCode)) return refused('write_unverified', UNREADABLE)
  const isSame = JSON.stringify(contentOf(after.value)) === JSON.stringify(contentOf(value.value))
  return isSame ? { ok: true } : refused('write_unverified', 'it was written, and the server has something else there')
}

const UNREADABLE = 'it was written, and cannot be read again'

const unscaledContent = (tag: OpcuaTag, { value, type, before }: Order): TagContent | undefined =>
  typeof value === 'number' ? unscaled(value, tag, { isInteger: isInteger(type), held: before }) : value

const refused = (code: WriteProblem, message: string): WriteOutcome => ({ ok: false, code, message })
