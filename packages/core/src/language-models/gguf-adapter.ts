/**
 * GGUF adapter: the facts of a LoRA adapter, from the header of its file, and whether it fits a model. Pure. The runtime
 * would find a wrong shape only on the device.
 */
import type { AdapterFacts } from '@skerry/contract/language-models/language-model'
import {
  architectureOf,
  type GgufFile,
  type GgufRead,
  type GgufTensor,
  isAdapter,
  readGguf,
  textOf,
  titlesOf,
} from './gguf-file.ts'
import { GgufInvalid } from './gguf-reader.ts'

/** Each change of a matrix: the two matrices whose product it is. */
export type GgufAdapter = {
  facts: AdapterFacts
  architecture: string
  pairs: ReadonlyMap<string, { a: readonly number[]; b: readonly number[] }>
}

/** The model that an adapter changes: its architecture, and the shape of each tensor. */
export type AdapterBase = { architecture: string; shapes: ReadonlyMap<string, readonly number[]> }

/** A larger rank is no adapter any more: it has as many numbers as the weights that it changes. */
const RANK_MAX = 1_024

/** `bytes`: the first bytes of the file. `fileBytes`: the size of the file. */
export const readGgufAdapter = (bytes: Uint8Array, fileBytes: number): GgufRead<GgufAdapter> =>
  readGguf(bytes, fileBytes, adapterFrom)

/** The shapes of a model. `bytes`: the first bytes of the file. `fileBytes`: the size of the file. */
export const readAdapterBase = (bytes: Uint8Array, fileBytes: number): GgufRead<AdapterBase> =>
  readGguf(bytes, fileBytes, (file) => ({
    architecture: architectureOf(file),
    shapes: new Map(file.tensors.map(({ name, shape }) => [name, shape])),
  }))

function adapterFrom(file: GgufFile): GgufAdapter {
  if (!isAdapter(file)) throw new GgufInvalid('the file is no adapter: its general.type is not "adapter"')
  const { values, tensors } = file
  const type = textOf(values, 'adapter.type')
  if (type !== 'lora') throw new GgufInvalid(`adapters of the type "lora" are read, and the file has ${type ?? 'none'}`)
  const alpha = values.get('adapter.lora.alpha')
  if (typeof alpha !== 'number' || !(alpha > 0 && alpha <= 65_536)) {
    throw new GgufInvalid('adapter.lora.alpha is missing, or not between 0 and 65,536')
  }
  const pairs = pairsOf(tensors)
  return {
    architecture: architectureOf(file),
    pairs,
    facts: {
      ...titlesOf(file),
      rank: Math.max(...[...pairs.values()].map(({ b: [rank = 0] }) => rank)),
      alpha,
      pairCount: pairs.size,
      parameterCount: tensors.reduce((sum, { elements }) => sum + elements, 0),
      weightsBytes: tensors.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    },
  }
}

/** [llama.cpp, llama_adapter_lora_init] The matrix of tokens is read by rows, so its pair is the other way round. */
const TOKENS = 'token_embd.weight'

/** [llama.cpp, convert_lora_to_gguf] The names of the two matrices of a weight. */
const SUFFIX = /^(.+)\.lora_([ab])$/

type Halves = { a?: readonly number[]; b?: readonly number[] }

function pairsOf(tensors: readonly GgufTensor[]): GgufAdapter['pairs'] {
  const halves = new Map<string, Halves>()
  for (const { name, shape } of tensors) {
    const [, weight, half] = SUFFIX.exec(name) ?? []
    // The runtime would leave it out silently.
    if (weight === undefined)
      throw new GgufInvalid(`${name} is no matrix of a LoRA pair; export the adapter without it`)
    halves.set(weight, { ...halves.get(weight), [half === 'a' ? 'a' : 'b']: shape })
  }
  return new Map([...halves].map(([weight, pair]) => [weight, pairOf(weight, pair)]))
}

function pairOf(weight: string, { a, b }: Halves): Required<Halves> {
  if (!a || !b) throw new GgufInvalid(`the adapter has one of the two matrices of ${weight}`)
  if (a.length !== 2 || b.length !== 2) throw new GgufInvalid(`the adapter of ${weight} has no two matrices`)
  const [rank, other] = [b[0] ?? 0, a[weight === TOKENS ? 0 : 1]]
  if (rank !== other) throw new GgufInvalid(`the two matrices of ${weight} have different ranks: ${other} and ${rank}`)
  if (rank > RANK_MAX) throw new GgufInvalid(`the adapter of ${weight} has a rank over ${RANK_MAX}`)
  return { a, b }
}

/** The reason why the adapter does not fit the model; undefined if it does. */
export function adapterProblem({ architecture, pairs }: GgufAdapter, base: AdapterBase): string | undefined {
  if (architecture !== base.architecture) {
    return `the adapter was made for the architecture ${architecture}, and the model has ${base.architecture}`
  }
  for (const [weight, { a, b }] of pairs) {
    const shape = base.shapes.get(weight)
    if (!shape) return `the adapter changes ${weight}, which the model does not have`
    const [columns, rows] = weight === TOKENS ? [b[1], a[1]] : [a[0], b[1]]
    if (shape[0] !== columns || shape[1] !== rows)
      return `the adapter changes ${weight} as if it had another shape than ${shape.join(' × ')}`
  }
  return undefined
}
