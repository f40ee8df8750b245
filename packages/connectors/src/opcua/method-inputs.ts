/** OPC UA method inputs: what the server says that a method takes. [OPC 10000-3, 5.7, 8.6] */
import { OPCUA_TYPES, type OpcuaType } from '@skerry/contract/sources/opcua-type'
import type { OpcuaArgument } from '@skerry/contract/sources/protocols/source-opcua'
import { Argument, AttributeIds, BrowseDirection, DataType, type NodeId } from 'node-opcua-client'
import { isBad, statusCause } from './status.ts'
import type { Wire } from './wire.ts'

/** `type` is absent where only the server can say whether a value is of it. */
export type Input = { name: string; type?: OpcuaType | undefined; isList: boolean; typeName: string }

export type Inputs = { ok: true; inputs: Input[] } | { ok: false; message: string }

/** [OPC 10000-6, A.3] HasProperty, HasSubtype. */
const HAS_PROPERTY = 'i=46'
const HAS_SUBTYPE = 'i=45'

/** [OPC 10000-4, 7.5] BrowseName and NodeClass. */
const NAMES = 12

/** Types are derived a few times; more is a server that goes in circles. */
const SUBTYPES_MAX = 16

/** [OPC 10000-3, 5.7] A method without the property takes nothing. Throws `SourceTrouble`. */
export async function inputsOf(wire: Wire, nodeId: NodeId, signal: AbortSignal): Promise<Inputs> {
  const description = {
    nodeId,
    browseDirection: BrowseDirection.Forward,
    includeSubtypes: true,
    referenceTypeId: HAS_PROPERTY,
    nodeClassMask: 0,
    resultMask: NAMES,
  }
  const found = await wire.ask(() => wire.session.browse(description), signal)
  if (isBad(found.statusCode)) return { ok: false, message: statusCause(found.statusCode).message }
  const property = (found.references ?? []).find(({ browseName }) => browseName.name === 'InputArguments')
  if (!property) return { ok: true, inputs: [] }
  const asked = { nodeId: property.nodeId, attributeId: AttributeIds.Value }
  const held = await wire.ask(() => wire.session.read(asked), signal)
  if (isBad(held.statusCode)) return { ok: false, message: statusCause(held.statusCode).message }
  const content: unknown = held.value.value
  const parts: Argument[] = Array.isArray(content) ? content.filter((part) => part instanceof Argument) : []
  const inputs: Input[] = []
  for (const { name, dataType, valueRank } of parts) {
    const type = await typeOf(wire, dataType, signal)
    // [OPC 10000-3, 5.6.2] -1 is a single value, -2 and -3 may be one.
    inputs.push({ name: name ?? '', isList: valueRank >= 0, ...type })
  }
  return { ok: true, inputs }
}

/** Types of makers are derived from those that everybody knows. */
async function typeOf(wire: Wire, declared: NodeId, signal: AbortSignal): Promise<Pick<Input, 'type' | 'typeName'>> {
  let nodeId = declared
  for (let depth = 0; depth < SUBTYPES_MAX; depth += 1) {
    const number = numberOf(nodeId)
    if (number !== undefined && number <= 29) return knownType(number)
    const description = {
      nodeId,
      browseDirection: BrowseDirection.Inverse,
      includeSubtypes: false,
      referenceTypeId: HAS_SUBTYPE,
      nodeClassMask: 0,
      resultMask: NAMES,
    }
    const found = await wire.ask(() => wire.session.browse(description), signal)
    const above = found.references?.[0]?.nodeId
    if (!above) break
    nodeId = above
  }
  return { typeName: declared.toString() }
}

const numberOf = ({ namespace, value }: NodeId): number | undefined =>
  namespace === 0 && typeof value === 'number' ? value : undefined

/** [OPC 10000-6, 5.1.2; OPC 10000-3, 8.14] Built-in types end at 25; 29 is an enumeration, which is an Int32; those between are any number. */
function knownType(number: number): Pick<Input, 'type' | 'typeName'> {
  const name = number === 29 ? 'Int32' : (DataType[number] ?? 'Number')
  return { type: OPCUA_TYPES.find((type) => type === name), typeName: name }
}

/** What the source says otherwise than the server. */
export function inputsProblem(said: readonly OpcuaArgument[], inputs: readonly Input[]): string | undefined {
  const isSame =
    said.length === inputs.length &&
    inputs.every(({ type, isList, typeName }, index) => {
      if (isList) return false
      return type === undefined ? OPEN.has(typeName) : type === said[index]?.type
    })
  if (isSame) return undefined
  const wanted = inputs.map(({ name, typeName, isList }) => `${name}: ${typeName}${isList ? '[]' : ''}`).join(', ')
  return `the method of the server takes (${wanted}), but the source has (${said.map(({ type }) => type).join(', ')})`
}

/** Of these the server judges what it is given. */
const OPEN: ReadonlySet<string> = new Set(['Variant', 'Number'])
