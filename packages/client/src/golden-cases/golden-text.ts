/**
 * Golden text: golden cases in the JSON forms that people have, turned into the contract's form:
 *
 *     { "inputs": { "window": [case, ...] }, "outputs": { "score": [case, ...] } }     for each tensor, its cases
 *     { "window": [case, ...], "score": [case, ...] }                                  the same; names tell the side
 *     [{ "inputs": { "window": case }, "outputs": { "score": case } }, ...]            for each case, its tensors
 *
 * The last form may stand below the key "cases". Outputs are optional: all, some, or none. A tensor in JSON is a nested
 * array, or { datatype, shape, data } with base64 as in the contract.
 */
import type { Tolerance } from '@skerry/contract/devices/golden'
import { Tensor, type TensorSpec } from '@skerry/contract/models/tensor'
import { flatTensor, tensorFromJson } from '@skerry/core/tensors/nested-tensor'
import { firstNotFinite } from '@skerry/core/tensors/not-finite'
import { bytesOfNumbers } from '@skerry/core/tensors/tensor-elements'
import { bytesOfBase64 } from '../base64.ts'
import { parseExact } from '../inference.ts'
import {
  caseText,
  finish,
  type GoldenReading,
  type GoldenSpecs,
  Misfit,
  namesOf,
  type ReadCase,
  reading,
  refuseTooManyCases,
  type Side,
  specOf,
  tensorOfBytes,
} from './golden-reading.ts'

/** Reads JSON for a model with these tensors. */
export const readGoldenText = (
  text: string,
  specs: GoldenSpecs,
  tolerance: Tolerance | undefined,
): Promise<GoldenReading> =>
  reading(() => {
    const { cases, ignored } = readContent(contentOf(text), specs)
    return finish(cases, { tolerance, ignored, limits: specs.limits })
  })

/** [RFC 8259, 6] JSON has no NaN and no infinity, but Python writes them all the same. */
const NOT_FINITE = /(?<=[[:,\s])-?(?:NaN|Infinity)(?=[\],}\s])/g

function contentOf(text: string): unknown {
  const content = parseExact(text)
  if (content !== undefined) return content
  if (parseExact(text.replaceAll(NOT_FINITE, '0')) === undefined)
    throw new Misfit('it is not JSON with an object or a list')
  throw new Misfit('it has NaN or Infinity, which JSON cannot hold; leave those cases out')
}

type Reading = { cases: ReadCase[]; ignored: string[] }

function readContent(content: unknown, specs: GoldenSpecs): Reading {
  if (Array.isArray(content)) return { cases: readRows(content, specs), ignored: [] }
  if (!isRecord(content)) throw new Misfit('it is not JSON with an object or a list')
  if (Array.isArray(content.cases) && !specOf('cases', specs)) {
    return { cases: readRows(content.cases, specs), ignored: [] }
  }
  const ignored = Object.keys(content)
  // A column of a tensor that is named "inputs" would be a list.
  if (isRecord(content.inputs)) {
    const { inputs, outputs = {}, ...others } = content
    if (!isRecord(outputs)) throw new Misfit('"outputs" is not { "OUTPUT": [case, ...] }')
    refuseStranger('', 'input', inputs, specs)
    refuseStranger('', 'output', outputs, specs)
    return { cases: readColumns({ inputs, outputs }, specs), ignored: Object.keys(others) }
  }
  const outputs = Object.fromEntries(Object.entries(content).filter(([name]) => specOf(name, specs)?.side === 'output'))
  const cases = readColumns({ inputs: content, outputs }, specs)
  return { cases, ignored: ignored.filter((name) => !specOf(name, specs)) }
}

type Columns = Record<'inputs' | 'outputs', Record<string, unknown>>

function readColumns({ inputs, outputs }: Columns, specs: GoldenSpecs): ReadCase[] {
  const columns = [
    ...specs.inputs.map((spec) => column('input', spec, inputs[spec.name])),
    ...specs.outputs.filter(({ name }) => name in outputs).map((spec) => column('output', spec, outputs[spec.name])),
  ]
  const count = columns[0]?.cells.length ?? 0
  const uneven = columns.find(({ cells }) => cells.length !== count)
  if (uneven) {
    const first = columns[0]?.spec.name
    throw new Misfit(
      `the inputs and outputs do not have equally many cases: ${first} has ${count}, ${uneven.spec.name} has ${uneven.cells.length}`,
    )
  }
  refuseTooManyCases(count, specs)
  return Array.from({ length: count }, (_, index) => {
    const ofSide = (side: Side) =>
      Object.fromEntries(
        columns
          .filter((each) => each.side === side)
          .map(({ spec, cells }) => [spec.name, tensorOf(index, { spec, side, specs }, cells[index])]),
      )
    return { inputs: ofSide('input'), outputs: ofSide('output') }
  })
}

function column(side: Side, spec: TensorSpec, cells: unknown): { side: Side; spec: TensorSpec; cells: unknown[] } {
  if (Array.isArray(cells)) return { side, spec, cells }
  throw new Misfit(`there is no list of cases for the ${side} ${spec.name}`)
}

function readRows(rows: readonly unknown[], specs: GoldenSpecs): ReadCase[] {
  refuseTooManyCases(rows.length, specs)
  return rows.map((row, index) => {
    const { inputs, outputs = {} } = isRecord(row) ? row : {}
    if (!isRecord(inputs)) throw new Misfit(`${caseText(index)} has no "inputs"`)
    if (!isRecord(outputs)) throw new Misfit(`${caseText(index)}: "outputs" is not { "OUTPUT": case }`)
    refuseStranger(`${caseText(index)}: `, 'input', inputs, specs)
    refuseStranger(`${caseText(index)}: `, 'output', outputs, specs)
    const tensor = (side: Side, given: Record<string, unknown>) => (spec: TensorSpec) =>
      [spec.name, tensorOf(index, { spec, side, specs }, given[spec.name])] as const
    return {
      inputs: Object.fromEntries(specs.inputs.map(tensor('input', inputs))),
      outputs: Object.fromEntries(specs.outputs.filter(({ name }) => name in outputs).map(tensor('output', outputs))),
    }
  })
}

function refuseStranger(where: string, side: Side, given: Record<string, unknown>, specs: GoldenSpecs): void {
  const known = side === 'input' ? specs.inputs : specs.outputs
  const stranger = Object.keys(given).find((name) => !known.some((spec) => spec.name === name))
  if (stranger !== undefined) {
    throw new Misfit(`${where}the model has no ${side} ${stranger}; it has ${namesOf(known)}`)
  }
}

type Place = { spec: TensorSpec; side: Side; specs: GoldenSpecs }

function tensorOf(index: number, { spec, side, specs }: Place, data: unknown): Tensor {
  if (isRecord(data)) return givenTensor(index, { spec, side }, data)
  const isUnranked = side === 'output' && specs.unrankedOutputs?.includes(spec.name)
  try {
    const { shape, bytes } = bytesOf(isUnranked ? { ...spec, shape: anyShape(data) } : spec, data)
    return tensorOfBytes(caseText(index), { ...spec, shape }, { bytes, side })
  } catch (error) {
    if (error instanceof Misfit) throw error
    throw new Misfit(`${caseText(index)}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function givenTensor(index: number, { spec, side }: Omit<Place, 'specs'>, data: Record<string, unknown>): Tensor {
  const tensor = Tensor.safeParse(data)
  if (!tensor.success) {
    throw new Misfit(`${caseText(index)}, ${spec.name}: it is neither an array nor { datatype, shape, data }`)
  }
  const { datatype } = tensor.data
  const at = side === 'output' ? firstNotFinite(datatype, bytesOfBase64(tensor.data.data)) : undefined
  if (at === undefined) return tensor.data
  throw new Misfit(`${caseText(index)}: the expected output ${spec.name}[${at}] is NaN or infinite`)
}

/** Numbers are rounded to half precision here, because the file is for people. The inference protocol has raw bytes. */
function bytesOf(spec: TensorSpec, data: unknown): { shape: number[]; bytes: Uint8Array } {
  if (spec.datatype !== 'FP16' && spec.datatype !== 'BF16') return tensorFromJson(spec, data)
  const { shape, elements } = flatTensor(spec, data)
  const numbers = elements.map((element) => (typeof element === 'bigint' ? Number(element) : element))
  if (!numbers.every((number): number is number => typeof number === 'number')) {
    throw new Misfit(`${spec.name} has an element that is not a number`)
  }
  const bytes = bytesOfNumbers(spec.datatype, numbers)
  if (bytes && firstNotFinite(spec.datatype, bytes) === undefined) return { shape, bytes }
  throw new Misfit(`${spec.name} has a number that ${spec.datatype} cannot hold`)
}

/** Any shape of the rank of the data. */
const anyShape = (data: unknown): number[] => (Array.isArray(data) ? [-1, ...anyShape(data[0])] : [])

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
