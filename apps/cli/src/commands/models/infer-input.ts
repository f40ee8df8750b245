/** Infer input: what a person gives to ask a model with, made into tensors of the Open Inference Protocol. */
import { parseExact } from '@skerry/client/inference'

import { InferTensor, type TensorMetadata } from '@skerry/contract/models/open-inference'
import { flatTensor } from '@skerry/core/tensors/nested-tensor'
import { type Failure, fail } from '../../program/failure.ts'
import { readText } from '../../program/input-file.ts'
import type { Io } from '../../program/terminal/io.ts'

export type InferSource = { input: string; json: string } | { file: string }

/** `NAME=JSON`, `FILE` or `-`. */
export function parseInferSource(text: string): InferSource {
  const [, input, json] = /^([^=/]+)=(.+)$/s.exec(text) ?? []
  return input !== undefined && json !== undefined ? { input, json } : { file: text }
}

/** The tensors for a model with these inputs; throws in words where they do not fit. */
export async function readInputs(
  sources: readonly InferSource[],
  specs: readonly TensorMetadata[],
  io: Pick<Io, 'readStdin'>,
): Promise<InferTensor[]> {
  const given = new Map<string, unknown>()
  for (const source of sources) {
    for (const [name, data] of await readSource(source, io)) given.set(name, data)
  }
  const stranger = [...given.keys()].find((name) => !specs.some((spec) => spec.name === name))
  if (stranger !== undefined) {
    throw invalid(`the model has no input ${stranger}; it has ${specs.map(({ name }) => name).join(', ')}`)
  }
  return specs.filter(({ name }) => given.has(name)).map((spec) => tensorOf(spec, given.get(spec.name)))
}

type Given = [name: string, data: unknown][]

async function readSource(source: InferSource, io: Pick<Io, 'readStdin'>): Promise<Given> {
  if ('input' in source) return [[source.input, jsonOf(source.json, `the input ${source.input}`)]]
  const text = source.file === '-' ? await io.readStdin() : await readText(source.file)
  const content = jsonOf(text, source.file)
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw invalid(`${source.file} does not have an object with the inputs`)
  }
  // [Open Inference Protocol V2, inference request] A whole request: its tensors are used as they are.
  if ('inputs' in content && Array.isArray(content.inputs)) {
    return content.inputs.map((tensor: { name?: unknown }) => [String(tensor.name), tensor])
  }
  return Object.entries(content)
}

function tensorOf(spec: TensorMetadata, given: unknown): InferTensor {
  const whole = InferTensor.safeParse(given)
  if (whole.success) return whole.data
  try {
    const { shape, elements } = flatTensor(spec, given)
    return { name: spec.name, datatype: spec.datatype, shape, data: elements }
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error))
  }
}

function jsonOf(text: string, what: string): unknown {
  const content = parseExact(text)
  if (content !== undefined) return content
  throw invalid(`${what} is not JSON`)
}

const invalid = (problem: string): Failure => fail('file_invalid', problem, { next: 'look at "skerry model show"' })
