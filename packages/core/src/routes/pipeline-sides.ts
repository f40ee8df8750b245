/**
 * Pipeline sides: the tensors that a caller gives to a pipeline and gets from it, and those that pass between its stages.
 * Pure: the hub judges a route by them, and a gateway follows them.
 */

import type { TensorSpec } from '@skerry/contract/models/tensor'
import type { Pipeline, PipelineStage } from '@skerry/contract/routes/pipeline'

/** A stage with the tensors of its version. */
export type StageSides = PipelineStage & { inputs: TensorSpec[]; outputs: TensorSpec[] }

export type PipelineSides = {
  ok: true
  /** Tensors that stages take and no earlier stage gives. */
  inputs: TensorSpec[]
  outputs: TensorSpec[]
}

/** The sides, or the reason why the stages do not fit together. */
export function pipelineSides(
  stages: readonly StageSides[],
  wanted: Pipeline['outputs'],
): PipelineSides | { ok: false; message: string } {
  const known: Known = { inputs: new Map(), given: new Map() }
  for (const [at, stage] of stages.entries()) {
    const trouble = takeTrouble(stage, known, at === 0) ?? giveTrouble(stage, known)
    if (trouble !== undefined) return refuse(`stage ${at + 1} (${stage.model}:${stage.version}) ${trouble}`)
  }
  const unknown = wanted?.find((name) => !known.given.has(name))
  if (unknown !== undefined) return refuse(`no stage gives the output ${unknown}`)
  const taken = new Set(stages.flatMap(({ inputs }) => inputs).map(({ name }) => name))
  const isWanted = ({ name }: TensorSpec) => (wanted ? wanted.includes(name) : !taken.has(name))
  return { ok: true, inputs: [...known.inputs.values()], outputs: [...known.given.values()].filter(isWanted) }
}

/** The tensors that the caller gives, and those that stages give. */
type Known = { inputs: Map<string, TensorSpec>; given: Map<string, TensorSpec> }

function takeTrouble({ inputs }: StageSides, known: Known, isFirst: boolean): string | undefined {
  for (const spec of inputs) {
    const source = known.given.get(spec.name) ?? known.inputs.get(spec.name)
    if (source && !isAlike(source, spec))
      return `takes ${spec.name} as ${formOf(spec)}, and it is ${formOf(source)} before`
    if (!source) known.inputs.set(spec.name, spec)
  }
  if (isFirst || inputs.some(({ name }) => known.given.has(name))) return undefined
  return 'takes nothing that a stage before it gives: name the stages in their order'
}

function giveTrouble({ outputs }: StageSides, { inputs, given }: Known): string | undefined {
  for (const spec of outputs) {
    if (given.has(spec.name) || inputs.has(spec.name)) return `gives ${spec.name}, which is there before`
    given.set(spec.name, spec)
  }
  return undefined
}

/** The tensors that are still needed when the stage at this position is over. */
export function neededAfter(
  stages: readonly Pick<StageSides, 'inputs'>[],
  at: number,
  outputs: readonly { name: string }[],
): Set<string> {
  const later = stages.slice(at + 1).flatMap(({ inputs }) => inputs)
  return new Set([...later, ...outputs].map(({ name }) => name))
}

const refuse = (message: string) => ({ ok: false as const, message })

/** A dimension that varies on one side fits any size on the other. */
const isAlike = (a: TensorSpec, b: TensorSpec): boolean =>
  a.datatype === b.datatype &&
  a.shape.length === b.shape.length &&
  a.shape.every((size, at) => size === -1 || b.shape[at] === -1 || b.shape[at] === size)

const formOf = ({ datatype, shape }: TensorSpec) => `${datatype}[${shape.join(', ')}]`
