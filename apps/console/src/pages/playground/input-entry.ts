/** Input entry: a person's entry for one input of a model, and the tensor that it describes. Pure. */
import { base64Of } from '@skerry/client/base64'
import { parseExact, stringifyExact } from '@skerry/client/inference'
import { writtenElements } from '@skerry/client/named-tensor'
import type { GoldenCase } from '@skerry/contract/devices/golden'
import type { NamedTensor } from '@skerry/contract/models/infer'
import type { Tensor, TensorSpec } from '@skerry/contract/models/tensor'
import { elementCount, flatTensor, nestElements } from '@skerry/core/tensors/nested-tensor'
import { bytesOfElements, bytesOfNumbers, ELEMENT_WORDS } from '@skerry/core/tensors/tensor-elements'
import { guessLayout } from './image/image-tensor.ts'

export type Entry =
  /** A field for each element; `sizes` are the open dimensions, as typed. */
  | { kind: 'values'; sizes: readonly string[]; values: readonly string[] }
  | { kind: 'json'; sizes: readonly string[]; text: string }
  /** A picture; its tensor, once there is one. */
  | { kind: 'image'; sizes: readonly string[]; tensor?: NamedTensor }
  /** Filled as a whole, and too large to be edited. */
  | { kind: 'made'; sizes: readonly string[]; tensor: NamedTensor; from: string }

export type EntryKind = Exclude<Entry['kind'], 'made'>

export type Reading = { ok: true; tensor: NamedTensor } | { ok: false; message: string }

/** Two rows of fields. JSON is better for more. */
export const FIELDS_MAX = 16

/** One screen of numbers. Nobody reads or edits longer lists by hand, and they slow the page down. */
export const TEXT_ELEMENTS_MAX = 4_096

/** A larger open dimension is a typing error, and would fill the memory of the page. */
const SIZE_MAX = 1_000_000

/** The hub accepts 32 MiB, which is this many of the smallest elements. */
const ELEMENTS_MAX = 32 * 1024 * 1024

/** The form of an input before anything was entered. */
export function firstEntry(spec: TensorSpec): Entry {
  const sizes = spec.shape.filter((size) => size === -1).map(() => '1')
  if (guessLayout(spec) !== undefined) return { kind: 'image', sizes }
  return entryOfKind('values', spec, sizes) ?? { kind: 'json', sizes, text: '' }
}

/** The ways in which an input can be entered. */
export function kindsOf(spec: TensorSpec, sizes: readonly string[]): EntryKind[] {
  const count = elementCount(shapeWith(spec, sizes) ?? [0])
  const values = count > 0 && count <= FIELDS_MAX
  const image = guessLayout(spec) !== undefined
  return [...(values ? (['values'] as const) : []), 'json', ...(image ? (['image'] as const) : [])]
}

/**
 * Converts an entry to another kind, and keeps the values if possible. Undefined if the input does not allow that kind.
 */
export function entryOfKind(
  kind: EntryKind,
  spec: TensorSpec,
  sizes: readonly string[],
  from?: Entry,
): Entry | undefined {
  const shape = shapeWith(spec, sizes)
  const read = from && readEntry(spec, from)
  const fits = read?.ok && shape?.join() === read.tensor.shape.join()
  if (kind === 'image') return { kind, sizes }
  if (kind === 'json') return { kind, sizes, text: read?.ok ? (textOf(read.tensor) ?? '') : '' }
  const count = elementCount(shape ?? [0])
  if (count === 0 || count > FIELDS_MAX) return undefined
  const known = fits ? writtenElements(read.tensor)?.map(String) : from?.kind === 'values' ? from.values : undefined
  return { kind, sizes, values: Array.from({ length: count }, (_, index) => known?.[index] ?? emptyOf(spec)) }
}

const emptyOf = ({ datatype }: TensorSpec) => (datatype === 'BOOL' ? 'false' : '')

/** The shape with its open dimensions as typed; undefined if one is no size. */
export function shapeWith({ shape }: Pick<TensorSpec, 'shape'>, sizes: readonly string[]): number[] | undefined {
  let open = 0
  const filled = shape.map((size) => (size === -1 ? sizeOf(sizes[open++]) : size))
  const isWhole = filled.every((size) => size !== undefined) && elementCount(filled) <= ELEMENTS_MAX
  return isWhole ? filled : undefined
}

/** Undefined if the text is no size. */
export const sizeOf = (text: string | undefined): number | undefined =>
  /^[1-9]\d{0,6}$/.test(text ?? '') && Number(text) <= SIZE_MAX ? Number(text) : undefined

/** Puts a whole tensor into the form, as fields or text if a person may want to change it. */
export function entryOfTensor(spec: TensorSpec, tensor: NamedTensor, from: string): Entry {
  const sizes = tensor.shape.filter((_, index) => spec.shape[index] === -1).map(String)
  const made: Entry = { kind: 'made', sizes, tensor, from }
  const count = elementCount(tensor.shape)
  if (count > TEXT_ELEMENTS_MAX || textOf(tensor) === undefined) return made
  return entryOfKind('values', spec, sizes, made) ?? { kind: 'json', sizes, text: textOf(tensor) ?? '' }
}

/** The entry as a tensor, or its error. */
export function readEntry(spec: TensorSpec, entry: Entry): Reading {
  try {
    switch (entry.kind) {
      case 'image':
        return entry.tensor ? { ok: true, tensor: entry.tensor } : refuse('no picture has been chosen')
      case 'made':
        return { ok: true, tensor: entry.tensor }
      case 'json':
        return readText(spec, entry.text)
      case 'values':
        return readValues(spec, entry)
      default:
        return entry satisfies never
    }
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error))
  }
}

const refuse = (message: string): Reading => ({ ok: false, message })

function readText(spec: TensorSpec, text: string): Reading {
  if (text.trim() === '') return refuse('nothing has been entered')
  const data = parseExact(text)
  if (data === undefined) return refuse('this is not JSON')
  const { shape, elements } = flatTensor(spec, data)
  return tensorOf(spec, shape, elements)
}

function readValues(spec: TensorSpec, { sizes, values }: Extract<Entry, { kind: 'values' }>): Reading {
  const shape = shapeWith(spec, sizes)
  if (!shape) return refuse('an open dimension has no size')
  const elements = values.map((text) => elementOf(spec, text))
  const missing = elements.indexOf(undefined)
  if (missing === -1) return tensorOf(spec, shape, elements)
  return refuse(`element ${missing} is not ${ELEMENT_WORDS[spec.datatype === 'FP16' ? 'FP32' : spec.datatype]}`)
}

function elementOf({ datatype }: TensorSpec, text: string): unknown {
  const trimmed = text.trim()
  if (datatype === 'BYTES') return text
  if (datatype === 'BOOL') return trimmed === 'true'
  if (datatype === 'INT64' || datatype === 'UINT64') return /^-?\d+$/.test(trimmed) ? BigInt(trimmed) : undefined
  return trimmed !== '' && Number.isFinite(Number(trimmed)) ? Number(trimmed) : undefined
}

function tensorOf({ name, datatype }: TensorSpec, shape: number[], elements: readonly unknown[]): Reading {
  const isHalf = datatype === 'FP16' || datatype === 'BF16'
  const isNumbers = (given: readonly unknown[]): given is number[] => given.every(Number.isFinite)
  const bytes = isHalf && isNumbers(elements) ? bytesOfNumbers(datatype, elements) : bytesOfElements(datatype, elements)
  if (bytes) return { ok: true, tensor: { name, datatype, shape, data: base64Of(bytes) } }
  return refuse(`an element is not ${isHalf ? 'a number' : ELEMENT_WORDS[datatype]}`)
}

/** Nested like its shape; undefined if it is too long to read, or if JSON cannot represent it. */
export function textOf(tensor: NamedTensor): string | undefined {
  const elements = writtenElements(tensor)
  const isShort = elementCount(tensor.shape) <= TEXT_ELEMENTS_MAX
  const isPlain = elements?.every((element) => typeof element !== 'number' || Number.isFinite(element))
  return elements && isShort && isPlain ? stringifyExact(nestElements(elements, tensor.shape)) : undefined
}

/** All zeros, false, or empty texts. */
export const zeros = (spec: TensorSpec, shape: readonly number[]): NamedTensor => made(spec, shape, () => 0)

/** The values stay small enough for 8 bits. They are enough to show whether a model answers at all. */
const INTEGER_MAX = 100

/** Numbers from 0 to 1, or small integers; `chance` is in [0, 1). */
export function random(spec: TensorSpec, shape: readonly number[], chance: () => number): NamedTensor {
  const isFraction = ['FP16', 'BF16', 'FP32', 'FP64'].includes(spec.datatype)
  const most = spec.datatype === 'BOOL' ? 2 : INTEGER_MAX
  return made(spec, shape, () => (isFraction ? chance() : Math.floor(chance() * most)))
}

function made({ name, datatype }: TensorSpec, shape: readonly number[], next: () => number): NamedTensor {
  const values = Array.from({ length: elementCount(shape) }, next)
  const bytes =
    datatype === 'BYTES'
      ? bytesOfElements(
          datatype,
          values.map((value) => (value === 0 ? '' : String(value))),
        )
      : datatype === 'BOOL'
        ? bytesOfElements(datatype, values)
        : bytesOfNumbers(datatype, values)
  return { name, datatype, shape: [...shape], data: base64Of(bytes ?? new Uint8Array()) }
}

/** A stored golden input of the version. */
export const goldenTensor = ({ name }: TensorSpec, { datatype, shape, data }: Tensor): NamedTensor => ({
  name,
  datatype,
  data,
  shape: [...shape],
})

/** The form filled with a golden case. An input that the case lacks stays empty. */
export const goldenEntries = (
  inputs: readonly TensorSpec[],
  { inputs: tensors }: Pick<GoldenCase, 'inputs'>,
  from: string,
): ReadonlyMap<string, Entry> =>
  new Map(
    inputs.flatMap((spec): [string, Entry][] => {
      const tensor = tensors[spec.name]
      return tensor ? [[spec.name, entryOfTensor(spec, goldenTensor(spec, tensor), from)]] : []
    }),
  )
