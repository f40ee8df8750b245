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

function refuseMissing(found: readonly { name: string; tensor: Target | undefined }[], { inputs }: GoldenSpecs): void {
  const missing = inputs.find(
    ({ name }) => !found.some(({ tensor }) => tensor?.side === 'input' && tensor.spec.name === name),
  )
  if (!missing) return
  const hint = found.some(({ name }) => /^arr_\d+$/.test(name))
    ? `name the arrays, as in np.savez("golden.npz", ${missing.name}=array)`
    : `the file has ${namesOf(found) || 'no arrays'}`
  throw new Misfit(`there is no array for the input ${missing.name}; ${hint}`)
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

function cellsOf(array: NpyArray, { side, spec }: Target, { unrankedOutputs = [] }: GoldenSpecs): NpyArray[] {
  const isUnranked = side === 'output' && unrankedOutputs.includes(spec.name)
  // An output without a known rank is taken as a batch, as most are. The hub compares its real shape.
  const wanted = isUnranked ? array.shape.map(() => -1) : spec.shape
  const [count = 1, ...rest] = array.shape
  if (fits(rest, wanted)) return split(array, count, rest)
  const [first = 0, ...inner] = wanted
  if ((first === -1 || first === 1) && fits(rest, inner)) return split(array, count, [1, ...rest])
  if (fits(array.shape, wanted)) return [array]
  throw new Misfit(
    `${spec.name} has the shape [${array.shape.join(', ')}], but the ${side} of the model has [${wanted.map(dimension).join(', ')}]: give that shape, with an axis for the cases in front`,
  )
}

const dimension = (size: number) => (size === -1 ? 'any' : size)

const fits = (shape: readonly number[], wanted: readonly number[]) =>
  shape.length === wanted.length && shape.every((size, axis) => wanted[axis] === -1 || wanted[axis] === size)

function split({ type, itemBytes, data }: NpyArray, count: number, shape: number[]): NpyArray[] {
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
