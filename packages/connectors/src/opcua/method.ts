/**
 * OPC UA method: a tag that is called by writing it, and whose value is what it gave last. What the source says of its arguments has to be what the
 * server says; that is looked up before the first call. [OPC 10000-3, 5.7; OPC 10000-4, 5.12]
 */
import type { WriteOutcome, WriteProblem } from '@skerry/connectors/session'
import type { OpcuaTag } from '@skerry/contract/sources/protocols/source-opcua'
import type { TagContent } from '@skerry/contract/sources/tag'
import { argumentsOf } from '@skerry/core/tags/tag-writing'
import { type CallMethodResult, DataType, type NodeId, Variant, VariantArrayType } from 'node-opcua-client'
import { inputsOf, inputsProblem } from './method-inputs.ts'
import type { MethodResults } from './method-results.ts'
import { findNode } from './node-id.ts'
import { isBad, isUnbegun, statusCause } from './status.ts'
import { rawOf } from './value.ts'
import type { Wire } from './wire.ts'

export type MethodTag = OpcuaTag & { method: NonNullable<OpcuaTag['method']> }

export const isMethod = (tag: OpcuaTag): tag is MethodTag => tag.method !== undefined

export type Caller = { call(tag: MethodTag, value: TagContent, signal: AbortSignal): Promise<WriteOutcome> }

type Deps = { wire: Wire; namespaces: readonly string[]; results: MethodResults }

/** Knows of no method yet. */
export function createCaller({ wire, namespaces, results }: Deps): Caller {
  /** Of which the server says the same as the source. */
  const agreed = new Set<string>()
  return {
    async call(tag, value, signal) {
      const found = findMethod(tag, namespaces)
      if (!found.ok) return refused('write_refused', found.message)
      const { objectId, methodId } = found
      const problem = agreed.has(tag.name) ? undefined : await disagreement(wire, { tag, methodId }, signal)
      if (problem !== undefined) return refused('write_refused', problem)
      agreed.add(tag.name)
      const given = variantsOf(tag, value)
      if (!given.ok) return given
      const order = { objectId, methodId, inputArguments: given.variants }
      const result = await wire.ask(() => wire.session.call(order), signal)
      if (isBad(result.statusCode)) {
        // A program that was loaded meanwhile may have another method there.
        agreed.delete(tag.name)
        return failed(tag, result)
      }
      results.put(tag, result)
      return { ok: true }
    },
  }
}

type Found = { ok: true; objectId: NodeId; methodId: NodeId } | { ok: false; message: string }

function findMethod(tag: MethodTag, namespaces: readonly string[]): Found {
  const method = findNode(tag, namespaces)
  const object = findNode({ address: tag.method.object }, namespaces)
  if (!method.ok) return method
  return object.ok
    ? { ok: true, objectId: object.nodeId, methodId: method.nodeId }
    : { ok: false, message: `its object: ${object.message}` }
}

async function disagreement(
  wire: Wire,
  { tag, methodId }: { tag: MethodTag; methodId: NodeId },
  signal: AbortSignal,
): Promise<string | undefined> {
  const declared = await inputsOf(wire, methodId, signal)
  return declared.ok ? inputsProblem(tag.method.arguments, declared.inputs) : declared.message
}

type Given = { ok: true; variants: Variant[] } | { ok: false; code: WriteProblem; message: string }

function variantsOf({ method }: MethodTag, value: TagContent): Given {
  const variants: Variant[] = []
  for (const [index, argument] of argumentsOf(method.arguments, value).entries()) {
    const type = method.arguments[index]?.type ?? 'ByteString'
    const dataType = DataType[type]
    const raw = rawOf(argument, dataType)
    if (raw === undefined) {
      const message = `${JSON.stringify(argument)} cannot be argument ${index + 1}, which is ${type}`
      return { ok: false, code: 'tag_type', message }
    }
    variants.push(new Variant({ dataType, arrayType: VariantArrayType.Scalar, value: raw }))
  }
  return { ok: true, variants }
}

/** Of an argument that the server does not take, it says which; of a method that began, nobody knows how far it came. */
function failed({ method }: MethodTag, { statusCode, inputArgumentResults }: CallMethodResult): WriteOutcome {
  const index = (inputArgumentResults ?? []).findIndex(isBad)
  const status = inputArgumentResults?.[index] ?? statusCode
  const name = method.arguments[index]?.name
  const which = index === -1 ? '' : `argument ${index + 1}${name === undefined ? '' : ` (${name})`}: `
  const { code, message } = statusCause(status)
  if (!isUnbegun(statusCode)) {
    return refused(
      'write_unverified',
      `the method failed, and may have taken effect in part: ${statusText(statusCode)}`,
    )
  }
  return refused(code === 'type_wrong' ? 'tag_type' : 'write_refused', `${which}${message}`)
}

const statusText = ({ name, value }: CallMethodResult['statusCode']) => `${name}, 0x${value.toString(16)}`

const refused = (code: WriteProblem, message: string): WriteOutcome => ({ ok: false, code, message })
