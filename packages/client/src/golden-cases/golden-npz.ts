/**
 * Golden npz: golden cases in the archive that `np.savez` writes. An array has the name of its tensor, or `inputs/NAME`
 * and `outputs/NAME`. The first axis counts the cases:
 *
 *     tensor [any, 8, 2] or [1, 8, 2], array (16, 8, 2)          16 cases of [1, 8, 2]: a batch
 *     tensor [any, 8, 2] or [4, 8, 2], array (16, 4, 8, 2)       16 cases of [4, 8, 2]: an axis more
 *     tensor [4, 8, 2],                array (4, 8, 2)           one case
 */
import type { Tolerance } from '@skerry/contract/devices/golden'
import type { Tensor, TensorSpec } from '@skerry/contract/models/tensor'
import { elementCount } from '@skerry/core/tensors/nested-tensor'
import {
  caseText,
  finish,
  type GoldenReading,
  type GoldenSpecs,
  Misfit,
  namesOf,
  reading,
  refuseTooManyCases,
  type Side,
  specOf,
  tensorOfBytes,
} from './golden-reading.ts'
import { type NpyArray, readNpy, tensorBytes } from './npy.ts'
import { unzip } from './zip.ts'

/** Reads an archive of arrays for a model with these tensors. */
export const readGoldenNpz = (
  bytes: Uint8Array<ArrayBuffer>,
  specs: GoldenSpecs,
  tolerance: Tolerance | undefined,
): Promise<GoldenReading> =>
  reading(async () => {
    const named = [...(await unzip(bytes))].map(([path, content]) => ({ name: path.replace(/\.npy$/, ''), content }))
    const found = named.map((each) => ({ ...each, tensor: tensorNamed(each.name, specs) }))
    refuseMissing(found, specs)
    refuseMisspelt(found, specs)
    const columns = found.flatMap(({ name, content, tensor }) =>
      tensor ? [{ ...tensor, cells: cellsOf(readNpy(name, content), tensor, specs) }] : [],
    )
    refuseUneven(columns)
    const cases = (columns[0]?.cells ?? []).map((_, index) => ({
      inputs: tensorsOf(columns, 'input', index),
      outputs: tensorsOf(columns, 'output', index),
    }))
    const ignored = found.flatMap(({ name, tensor }) => (tensor ? [] : [name]))
    return finish(cases, { tolerance, ignored, limits: specs.limits })
  })

type Target = { side: Side; spec: TensorSpec }

/** The name of a tensor itself wins, because exporters put slashes into names. */
function tensorNamed(name: string, specs: GoldenSpecs): Target | undefined {
  const exact = specOf(name, specs)
  if (exact) return exact
  const [, side, rest = ''] = /^(input|output)s\/(.+)$/.exec(name) ?? []
  if (side === undefined) return undefined
  const known = side === 'input' ? specs.inputs : specs.outputs
  const spec = known.find((each) => each.name === rest)
  if (!spec) throw new Misfit(`${name}: the model has no ${side} ${rest}; it has ${namesOf(known)}`)
  return { side: side === 'input' ? 'input' : 'output', spec }
}

type Found = { name: string; tensor: Target | undefined }

function refuseMissing(found: readonly Found[], { inputs }: GoldenSpecs): void {
  const missing = inputs.find(
    ({ name }) => !found.some(({ tensor }) => tensor?.side === 'input' && tensor.spec.name === name),
  )
  if (!missing) return
  const hint = found.some(({ name }) => /^arr_\d+$/.test(name))
    ? `name the arrays, as in np.savez("golden.npz", ${missing.name}=array)`
    : `the file has ${namesOf(found) || 'no arrays'}`
  throw new Misfit(`there is no array for the input ${missing.name}; ${hint}`)
}

/**
 * An array with an unknown name may be meant for an output without an array. Without this check its values would compare
 * nothing. That is likely if no output has an array, or if both names are alike. Others are additions, such as labels.
 */
function refuseMisspelt(found: readonly Found[], { inputs, outputs, isAddition }: GoldenSpecs): void {
  const unknown = found.filter(({ name, tensor }) => tensor === undefined && !isAddition?.(name))
  const isCovered = ({ name }: TensorSpec) =>
    found.some(({ tensor }) => tensor?.side === 'output' && tensor.spec.name === name)
  const open = outputs.filter((output) => !isCovered(output))
  const misspelt =
    open.length === outputs.length
      ? unknown
      : unknown.filter((array) => open.some((output) => areAlike(array.name, output.name)))
  if (misspelt.length === 0 || open.length === 0) return
  throw new Misfit(
    `the model has no tensor ${namesOf(misspelt)}, and there is no array for its output ${namesOf(open)}; its inputs are ${namesOf(inputs)}, its outputs ${namesOf(outputs)}: rename the array, or leave it out`,
  )
}

/** Whether the names have the same beginning and end, apart from two letters in between. */
function areAlike(a: string, b: string): boolean {
  const [one, other] = [a.toLowerCase(), b.toLowerCase()]
  if (one === other) return true
  const most = Math.min(one.length, other.length)
  let start = 0
  while (start < most && one[start] === other[start]) start++
  let end = 0
  while (end < most - start && one.at(-1 - end) === other.at(-1 - end)) end++
  return start + end >= Math.max(2, one.length - 2, other.length - 2)
}

type Column = Target & { cells: NpyArray[] }

function refuseUneven(columns: readonly Column[]): void {
  const [first] = columns
  const uneven = first && columns.find(({ cells }) => cells.length !== first.cells.length)
  if (!uneven) return
  const counts = `${first.spec.name} has ${first.cells.length}, ${uneven.spec.name} has ${uneven.cells.length}`
  throw new Misfit(
    `the arrays do not have equally many cases: ${counts}. The first axis counts the cases; put one in front with array[None] if an array has none`,
  )
}

function cellsOf(array: NpyArray, { side, spec }: Target, specs: GoldenSpecs): NpyArray[] {
  const { unrankedOutputs = [] } = specs
  const isUnranked = side === 'output' && unrankedOutputs.includes(spec.name)
  // An output without a known rank is taken as a batch, as most are. The hub compares its real shape.
  const wanted = isUnranked ? array.shape.map(() => -1) : spec.shape
  const [count = 1, ...rest] = array.shape
  if (fits(rest, wanted)) return split(array, { count, shape: rest }, specs)
  const [first = 0, ...inner] = wanted
  if ((first === -1 || first === 1) && fits(rest, inner)) return split(array, { count, shape: [1, ...rest] }, specs)
  if (fits(array.shape, wanted)) return [array]
  throw new Misfit(
    `${spec.name} has the shape [${array.shape.join(', ')}], but the ${side} of the model has [${wanted.map(dimension).join(', ')}]: give that shape, with an axis for the cases in front`,
  )
}

const dimension = (size: number) => (size === -1 ? 'any' : size)

const fits = (shape: readonly number[], wanted: readonly number[]) =>
  shape.length === wanted.length && shape.every((size, axis) => wanted[axis] === -1 || wanted[axis] === size)

type Pieces = { count: number; shape: number[] }

function split({ type, itemBytes, data }: NpyArray, { count, shape }: Pieces, specs: GoldenSpecs): NpyArray[] {
  refuseTooManyCases(count, specs)
  const bytes = elementCount(shape) * itemBytes
  return Array.from({ length: count }, (_, index) => ({
    type,
    itemBytes,
    shape,
    data: data.subarray(index * bytes, (index + 1) * bytes),
  }))
}

function tensorsOf(columns: readonly Column[], side: Side, index: number): Record<string, Tensor> {
  return Object.fromEntries(
    columns
      .filter((column) => column.side === side)
      .map(({ spec, cells }) => {
        const cell = cells[index]
        if (!cell) throw new Error(`${spec.name} has no case ${index}`)
        const bytes = tensorBytes(spec.name, cell, spec.datatype)
        return [spec.name, tensorOfBytes(caseText(index), { ...spec, shape: cell.shape }, { bytes, side })]
      }),
  )
}
