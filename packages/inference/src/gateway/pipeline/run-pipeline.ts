/**
 * Run pipeline: one request through all stages of a route. The gateway keeps its tensors, and gives each stage those that it
 * takes. A request that cannot enter the next stage keeps its place in the one before, so that a slow stage slows the
 * callers down and fills no memory.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { TablePlace } from '@skerry/contract/routes/route'
import { neededAfter } from '@skerry/core/routes/pipeline-sides'
import { HTTP_STATUS } from '../../host/failure.ts'
import { fitRequest } from '../../host/infer-request.ts'
import type { RawTensor } from '../../host/raw-tensor.ts'
import type { OipRequest } from '../../rest/oip-request.ts'
import { writeOipResponse } from '../../rest/oip-response.ts'
import type { Refusal } from '../caller-check.ts'
import type { Delivered, Deps, Forwarded } from '../forward.ts'
import type { LiveRoute } from '../routing.ts'
import type { LivePipeline, LiveStage } from './live-pipeline.ts'
import { readPipelineRequest } from './pipeline-request.ts'
import { callStage, type StageAnswer } from './stage-call.ts'

/** The answer of the last stage, in the form that the caller wants. */
export async function runPipeline(deps: Deps, wish: PipelineWish, signal: AbortSignal): Promise<Delivered> {
  const { route, pipeline, request } = wish
  if (request.sequence !== undefined)
    return refuse(400, 'input_invalid', 'a pipeline keeps no state: leave Skerry-Sequence out')
  if (!pipeline.admission.tryEnter()) return busy(route)
  try {
    return await admitted(deps, wish, signal)
  } finally {
    pipeline.admission.leave()
  }
}

export type PipelineWish = { route: LiveRoute; pipeline: LivePipeline; request: Forwarded }

async function admitted(
  deps: Deps,
  { route, pipeline, request }: PipelineWish,
  signal: AbortSignal,
): Promise<Delivered> {
  const [first] = pipeline.stages
  if (!first?.room.tryEnter()) return full(route, first)
  const journey = { at: 0, isWorking: false }
  try {
    const read = await readPipelineRequest(request)
    if (!read.ok) return read
    const fitted = fitRequest(pipeline.sides, read.request)
    if (!fitted.ok) return refuse(HTTP_STATUS[fitted.code], fitted.code, fitted.message)
    const deadline = AbortSignal.timeout(route.row.spec.timeoutMs)
    const ended = AbortSignal.any([signal, deadline])
    const passed = await passStages(deps, { pipeline, inputs: fitted.inputs, journey }, ended)
    if (passed.ok) return answerOf(route, { passed, read, names: fitted.outputs })
    if (!signal.aborted && passed.status >= 500) route.note('unanswered')
    return deadline.aborted ? late(route, pipeline.stages[journey.at]) : passed
  } finally {
    const stage = pipeline.stages[journey.at]
    if (journey.isWorking) stage?.slots.leave()
    stage?.room.leave()
  }
}

/** The stage that has the request now, and whether one of its places works on it. */
type Travel = { at: number; isWorking: boolean }
type Passing = { pipeline: LivePipeline; inputs: readonly RawTensor[]; journey: Travel }
type Passed = { ok: true; bag: ReadonlyMap<string, RawTensor>; places: string[] } | Refusal

async function passStages(deps: Deps, { pipeline, inputs, journey }: Passing, signal: AbortSignal): Promise<Passed> {
  const { stages, sides } = pipeline
  const bag = new Map(inputs.map((tensor) => [tensor.name, tensor]))
  const places: string[] = []
  for (const [at, stage] of stages.entries()) {
    if (at > 0 && !(await moveOn(stages, journey, signal))) return gone(stage)
    if (!(await stage.slots.enter(signal))) return gone(stage)
    journey.isWorking = true
    const answer = await askPatiently(deps, stage, bag, signal)
    if (!answer.ok) return answer
    for (const tensor of answer.outputs) bag.set(tensor.name, tensor)
    places.push(answer.place.device)
    const needed = neededAfter(
      pipeline.stages.map((one) => one.sides),
      at,
      sides.outputs,
    )
    for (const name of bag.keys()) if (!needed.has(name)) bag.delete(name)
  }
  return { ok: true, bag, places }
}

/** The request keeps its place in one stage until the next one has room. */
async function moveOn(stages: readonly LiveStage[], journey: Travel, signal: AbortSignal): Promise<boolean> {
  const [stage, next] = [stages[journey.at], stages[journey.at + 1]]
  if (!(await next?.room.enter(signal))) return false
  stage?.slots.leave()
  stage?.room.leave()
  journey.at += 1
  journey.isWorking = false
  return true
}

/** Between two questions to places that are full. Other callers of the same devices fill them, too. */
const FULL_WAIT_MS = { least: 10, most: 500 }

/** A place that is full is asked again until the deadline: the stages before have done their work already. */
async function askPatiently(
  deps: Deps,
  stage: LiveStage,
  bag: ReadonlyMap<string, RawTensor>,
  signal: AbortSignal,
): Promise<StageAnswer> {
  let waitMs = FULL_WAIT_MS.least
  for (;;) {
    const answer = await callStage(deps, stage, bag, signal)
    if (answer.ok || answer.status !== HTTP_STATUS.queue_full || signal.aborted) return answer
    await sleep(waitMs, undefined, { signal }).catch(() => undefined)
    waitMs = Math.min(FULL_WAIT_MS.most, waitMs * 2)
  }
}

type Answering = {
  passed: Extract<Passed, { ok: true }>
  read: OipRequest
  names: readonly string[]
}

function answerOf({ row }: LiveRoute, { passed, read, names }: Answering): Delivered {
  const outputs = names.flatMap((name) => passed.bag.get(name) ?? [])
  const written = writeOipResponse({ ok: true, name: row.spec.model, version: '', outputs }, read)
  if (!written.ok) return refuse(HTTP_STATUS[written.code], written.code, written.message)
  const { json, binary } = written
  const head = Buffer.from(json)
  const headers = binary
    ? { 'content-type': 'application/octet-stream', 'inference-header-content-length': String(head.byteLength) }
    : { 'content-type': 'application/json' }
  const start = Buffer.concat([head, ...(binary ?? [])])
  return {
    ok: true,
    place: { device: passed.places.join(', ') },
    answer: { ok: true, status: 200, headers, start, rest: undefined },
  }
}

/** [Open Inference Protocol, metadata of a model] The tensors of the whole pipeline. */
export function pipelineMetadata({ row }: LiveRoute, { sides }: LivePipeline): Delivered {
  const { inputs, outputs } = sides
  const body = { name: row.spec.model, versions: [], platform: 'skerry_pipeline', inputs, outputs }
  const start = Buffer.from(JSON.stringify(body))
  const headers = { 'content-type': 'application/json' }
  return { ok: true, place: undefined, answer: { ok: true, status: 200, headers, start, rest: undefined } }
}

/** Whether each stage has a place that takes requests. */
export const isPipelineReady = ({ stages }: LivePipeline): boolean =>
  stages.every(({ live }) => live.row.places.some((place: TablePlace) => live.stateOf(place) === 'closed'))

const refuse = (status: number, code: string, message: string): Refusal => ({ ok: false, status, code, message })

function full(route: LiveRoute, first: LiveStage | undefined): Refusal {
  route.note('overloaded')
  const message = `${first?.title} of the route ${route.row.name} has no room for another request: try again later`
  return { ...refuse(429, 'route_full', message), isPassing: true }
}

function busy(route: LiveRoute): Refusal {
  route.note('overloaded')
  const message = 'the pipelines of the gateway have as many requests as its memory allows: try again later'
  return { ...refuse(429, 'gateway_busy', message), isPassing: true }
}

function late({ row }: LiveRoute, stage: LiveStage | undefined): Refusal {
  const { name, spec } = row
  return refuse(
    504,
    'deadline_passed',
    `the route ${name} was at ${stage?.title} when its ${spec.timeoutMs} ms were over`,
  )
}

/** The caller went away, or the deadline passed, while the request waited. */
const gone = ({ title }: LiveStage): Refusal =>
  refuse(503, 'place_failed', `the request ended while it waited for ${title}`)
