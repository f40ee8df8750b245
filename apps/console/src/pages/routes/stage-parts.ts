/** Stage parts: the stages of a pipeline as the parts of a drawing, with the tensors between them. */
import type { Pipeline } from '@skerry/contract/routes/pipeline'
import type { RouteStage } from '@skerry/contract/routes/route'
import type { FlowNode } from '../models/version/flow-layout.ts'

type Tensor = RouteStage['takes'][number]

export type StageDrawing = {
  nodes: FlowNode[]
  /** The tensors of an edge between two stages, by `from > to`. */
  passed: ReadonlyMap<string, Tensor[]>
}

/**
 * A stage takes a tensor from the stage before it that gives one of that name; otherwise the caller sends it. The caller
 * gets the wanted tensors; by default those that no later stage takes.
 */
export function stageDrawing(
  stages: readonly RouteStage[],
  wanted: Pipeline['outputs'],
  shapeText: (shape: readonly number[]) => string,
): StageDrawing {
  const passed = new Map<string, Tensor[]>()
  const sent = new Map<string, Tensor>()
  const used = new Set<string>()
  const steps = stages.map(({ model, version, takes }, at): FlowNode => {
    const from = new Set<string>()
    for (const tensor of takes) {
      const giver = stages.slice(0, at).findLastIndex(({ gives }) => gives.some(({ name }) => name === tensor.name))
      const id = giver === -1 ? inputId(tensor.name) : stageId(giver)
      from.add(id)
      if (giver === -1) sent.set(tensor.name, tensor)
      else {
        used.add(outputId(giver, tensor.name))
        passed.set(edgeId(id, stageId(at)), [...(passed.get(edgeId(id, stageId(at))) ?? []), tensor])
      }
    }
    return { id: stageId(at), part: 'step', name: `${model}:${version}`, kind: `${at + 1}`, from: [...from] }
  })
  const inputs = [...sent.values()].map(
    ({ name, shape }): FlowNode => ({ id: inputId(name), part: 'input', name, kind: shapeText(shape), from: [] }),
  )
  const outputs = stages.flatMap(({ gives }, at) =>
    gives.flatMap(({ name, shape }): FlowNode[] => {
      const id = outputId(at, name)
      const isGiven = wanted ? wanted.includes(name) : !used.has(id)
      return !isGiven ? [] : [{ id, part: 'sink', name, kind: shapeText(shape), from: [stageId(at)] }]
    }),
  )
  return { nodes: [...inputs, ...steps, ...outputs], passed }
}

const inputId = (name: string) => `input ${name}`
const stageId = (at: number) => `stage ${at}`
const outputId = (at: number, name: string) => `output ${at} ${name}`
export const edgeId = (from: string, to: string) => `${from} > ${to}`
