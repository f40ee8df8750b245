/**
 * Which operators and opsets the runtime loads, and which the model uses. A model that is rejected here is known not to
 * load in onnxruntime-node. The runtime may still reject an accepted one, for the types or attributes of one node.
 */
import {
  IDENTIFIER_MAX,
  MODEL_OPERATORS_MAX,
  OPSETS_MAX,
  type OperatorSet,
  type OperatorUse,
} from '@skerry/contract/models/model-summary'
import { bodies, nodeLabel } from './body.ts'
import type { NodeProto, OperatorSetIdProto } from './generated/onnx_pb.ts'
import { irVersionMax, operatorOpsets, opsetMax, runtimeVersion } from './generated/operators.ts'
import type { Model } from './read.ts'
import { accept, quote, type Refusal, type Result, rejectModel } from './refusal.ts'

/** The operator sets that the model imports, sorted by domain. */
export function readOpsets(model: Model): Result<OperatorSet[]> {
  if (model.irVersion > BigInt(irVersionMax)) {
    return unsupportedVersion('ONNX file format', model.irVersion, irVersionMax)
  }
  const opsets = opsetsOf(model.opsetImport)
  if (!opsets.ok) return opsets
  return accept([...opsets.value].sort(([a], [b]) => compare(a, b)).map(([domain, version]) => ({ domain, version })))
}

/** How often each operator occurs, sorted by domain and name. */
export function readOperators(model: Model): Result<OperatorUse[]> {
  const functions = new Set(model.functions.map(({ domain, name }) => key(domainOf(domain), name)))
  const uses = new Map<string, OperatorUse>()
  for (const body of bodies(model)) {
    const opsets = opsetsOf(body.function?.opsetImport.length ? body.function.opsetImport : model.opsetImport)
    if (!opsets.ok) return opsets
    for (const node of body.nodes) {
      const flaw = checkOperator(node, functions, opsets.value)
      if (flaw) return flaw
      count(uses, node)
    }
  }
  if (uses.size > MODEL_OPERATORS_MAX) {
    return rejectModel(
      'model_too_complex',
      `the model uses ${uses.size} operators, and ${MODEL_OPERATORS_MAX} are accepted`,
    )
  }
  return accept([...uses.values()].sort((a, b) => compare(a.domain, b.domain) || compare(a.name, b.name)))
}

function count(uses: Map<string, OperatorUse>, { domain: written, opType }: NodeProto) {
  const domain = domainOf(written)
  const use = uses.get(key(domain, opType)) ?? { domain, name: opType, count: 0 }
  use.count++
  uses.set(key(domain, opType), use)
}

const isIdentifier = (name: string) => name !== '' && name.length <= IDENTIFIER_MAX

type Opsets = ReadonlyMap<string, number>

function opsetsOf(imports: readonly OperatorSetIdProto[]): Result<Opsets> {
  const opsets = new Map<string, number>()
  if (imports.length > OPSETS_MAX)
    return rejectModel('model_too_complex', `the model imports ${imports.length} operator sets`)
  for (const { domain: written, version } of imports) {
    const domain = domainOf(written)
    if (domain.length > IDENTIFIER_MAX)
      return rejectModel('model_not_onnx', `the domain ${quote(domain)} is too long for a name`)
    const newest = own(opsetMax, domain) ?? Number.MAX_SAFE_INTEGER
    if (version < 1n || version > BigInt(newest))
      return unsupportedVersion(`opset of ${quote(domain)}`, version, newest)
    const known = opsets.get(domain)
    if (known !== undefined && known !== Number(version)) {
      return rejectModel(
        'model_not_onnx',
        `the model imports ${quote(domain)} twice, in versions ${known} and ${version}`,
      )
    }
    opsets.set(domain, Number(version))
  }
  return accept(opsets)
}

function checkOperator(node: NodeProto, functions: ReadonlySet<string>, opsets: Opsets): Refusal | undefined {
  const domain = domainOf(node.domain)
  if (!isIdentifier(node.opType) || !isIdentifier(domain)) {
    return rejectModel('model_not_onnx', `${nodeLabel(node)} has no name of an operator, or one too long`)
  }
  if (functions.has(key(domain, node.opType))) return undefined
  if (own(opsetMax, domain) === undefined) {
    const why = `belongs to ${quote(domain)}, which is neither built into the runtime nor a function of the model`
    return unsupported(node, `${why}; export the model without custom operators`)
  }
  const opset = opsets.get(domain)
  const listed = own(operatorOpsets, domain)
  if (opset === undefined) {
    // The runtime knows the domains that it adds itself without an import.
    return listed ? unsupported(node, `belongs to ${quote(domain)}, which the model does not import`) : undefined
  }
  if (!listed) return undefined
  const ranges = own(listed, node.opType)
  if (!ranges) return unsupported(node, `is none of ${quote(domain)} that the runtime loads`)
  if (isWithin(ranges, opset)) return undefined
  return unsupported(
    node,
    `does not load at opset ${opset} of ${quote(domain)}, only at ${describe(ranges)}; export for one of those`,
  )
}

function isWithin(ranges: readonly number[], opset: number): boolean {
  return ranges.some((first, index) => index % 2 === 0 && first <= opset && opset <= (ranges[index + 1] ?? 0))
}

function describe(ranges: readonly number[]): string {
  const pairs = ranges.flatMap((first, index) => (index % 2 === 0 ? [`${first} to ${ranges[index + 1]}`] : []))
  return pairs.join(' and ')
}

/** [ONNX IR specification, Operator Sets] The empty domain and ai.onnx are one. */
export const domainOf = (domain: string) => (domain === '' ? 'ai.onnx' : domain)

const key = (domain: string, name: string) => `${domain}\0${name}`

/** Names come from the file, and `constructor` is one. */
const own = <Value>(table: Readonly<Record<string, Value>>, name: string): Value | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined

const compare = (a: string, b: string) => (a < b ? -1 : Number(a > b))

const unsupported = (node: NodeProto, why: string) =>
  rejectModel('model_operator_unsupported', `the operator of ${nodeLabel(node)} ${why}`)

function unsupportedVersion(what: string, version: bigint, newest: number): Refusal {
  const range = `onnxruntime-node ${runtimeVersion} loads versions 1 to ${newest}`
  return rejectModel(
    'model_opset_unsupported',
    `the model needs version ${version} of the ${what}, and ${range}; export it for one of those`,
  )
}
