/**
 * Live pipeline: the stages of a route as its gateway keeps them. A stage has places, breakers and a budget as a route of
 * its own, and two gates: the places that work for it, and the room for the requests that have come to it.
 */
import type { TableRoute } from '@skerry/contract/routes/route'
import { type PipelineSides, pipelineSides, type StageSides } from '@skerry/core/routes/pipeline-sides'
import type { LiveRoute } from '../routing.ts'
import { createGate, type Gate } from './gate.ts'

export type LiveStage = {
  /** The stage as a route: its places, and how requests move between them. */
  live: LiveRoute
  sides: StageSides
  /** Such as `stage 2 of 3 (ocr-2:1)`. */
  title: string
  /** Requests at the stage, waiting or in work at one of its places. */
  room: Gate
  /** Requests that its places work on. */
  slots: Gate
}

export type LivePipeline = {
  /** Shared by all pipelines of the gateway. */
  admission: Gate
  sides: PipelineSides
  stages: readonly LiveStage[]
}

type Parts = {
  admission: Gate
  /** Makes a route of a stage. */
  open: (stage: TableRoute, at: number) => LiveRoute
}

/** Undefined for a route that is no pipeline. */
export function createPipeline(row: TableRoute, { admission, open }: Parts): LivePipeline | undefined {
  const { stages: rows, spec } = row
  if (!rows || !spec.pipeline) return undefined
  const sides = pipelineSides(rows, spec.pipeline.outputs)
  // The hub has judged the stages when the route was declared.
  if (!sides.ok) return undefined
  const stages = rows.map((sidesOfStage, at): LiveStage => {
    const live = open(stageRow(row, at), at)
    const slots = () => live.row.spec.concurrency * Math.max(1, live.row.places.length)
    const queue = () => live.row.spec.pipeline?.queue ?? 0
    return {
      live,
      sides: sidesOfStage,
      title: `stage ${at + 1} of ${rows.length} (${sidesOfStage.model}:${sidesOfStage.version})`,
      room: createGate(() => slots() + queue()),
      slots: createGate(slots),
    }
  })
  return { admission, sides, stages }
}

/** The stage as a route with this model. */
export function stageRow({ name, spec, refusal, stages = [] }: TableRoute, at: number): TableRoute {
  const stage = stages[at]
  if (!stage) throw new Error(`the route ${name} has no stage ${at + 1}`)
  const { model, places, lack } = stage
  const why = { ...(refusal !== undefined && { refusal }), ...(lack !== undefined && { lack }) }
  return { name, spec: { ...spec, model }, places, ...why }
}

/** Whether the stages are those of before, so that their places and requests stay. */
export const isSamePipeline = (a: TableRoute, b: TableRoute): boolean => keyOf(a) === keyOf(b)

const keyOf = ({ spec, stages }: TableRoute) =>
  JSON.stringify([stages?.map(({ model, version }) => [model, version]), spec.pipeline?.outputs])
