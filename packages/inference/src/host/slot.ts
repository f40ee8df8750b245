/**
 * Slot: one loaded version, with its workers, its bounded queue and its statistics. With a scaling policy, the number of
 * workers follows the load.
 *
 *     ready --close--> draining --all answered--> closed
 *       └──── a worker ends without an order ────> failed
 *
 * Invariants: a request is settled exactly once; requests begin in the order they came; at most `queueMax` wait.
 */
import type { Serving } from '@skerry/contract/models/serving'
import type { ItemScale } from '@skerry/contract/scaling/scaling'
import type { Claim, Resident } from '../scale/residency.ts'
import { type ScaledCrews, type ScalerDeps, type SlotScaler, scaleSlot } from '../scale/slot-scaler.ts'
import type { RunMark } from '../seat/run-mark.ts'
import type { Signature } from '../seat/session.ts'
import type { RunReport, SeatSource } from '../seat/worker-message.ts'
import { planBatch } from './batch.ts'
import { type Failure, fail } from './failure.ts'
import type { FittedRequest } from './infer-request.ts'
import { type Instance, startInstance } from './instance.ts'
import { type AnsweredRun, createJob, type Job, type SlotResult } from './job.ts'
import { nowUs } from './run-clock.ts'
import { createStatistics, recordFailure, recordRun, recordSuccess, type Statistics } from './statistics.ts'

export type SlotState = { status: 'ready' } | { status: 'draining' } | { status: 'failed'; reason: string }

export type Slot = {
  signature: Signature
  settings: Serving
  statistics: Statistics
  state(): SlotState
  /** Requests without an answer yet, waiting or running. */
  pending(): number
  /** How long the longest of the running requests has run: a model that never answers shows here. */
  longestRunMs(): number
  /** The number of workers, and its reasons; undefined without a scaling policy. */
  scale(): ItemScale | undefined
  /** A request may shorten the slot's deadline (in microseconds, 0 to leave it), never lengthen it. */
  infer(request: FittedRequest, timeoutUs: number, signal: AbortSignal): Promise<SlotResult>
  /** As `infer`, but not counted, and with no deadline but the signal: for trying a version before it serves. */
  attempt(request: FittedRequest, signal: AbortSignal): Promise<SlotResult>
  /**
   * Takes no more requests, answers those it has, and ends the workers; false when a run never gave its thread back.
   */
  close(): Promise<boolean>
}

/** `mark` is of the first instance; each of the others has the byte after. */
export type SlotOptions = ScalerDeps & {
  settings: Serving
  mark?: RunMark | undefined
  /** For the words about its memory. */
  name?: string | undefined
  /** The memory of one worker, as far as anybody knows; 0 if absent. */
  workerBytes?: number | undefined
}

/**
 * One request runs while the next is already in the worker's mailbox, so that the worker never waits for this thread.
 */
const IN_FLIGHT_MAX = 2

/** No caller waits for a run past its deadline; a run that takes as long again will never end. */
const STUCK_DEADLINES = 2

/** `at` is its place among the run marks of the slot. */
type Crew = { instance: Instance; at: number; sent: { jobs: Job[]; sinceUs: number }[] }

type Slotted = SlotOptions & {
  source: SeatSource
  crews: Crew[]
  /** Released ones, until they have answered their last request and ended. */
  leaving: Crew[]
  /** The places of workers that are being loaded. */
  loading: Set<number>
  scaler: SlotScaler | undefined
  resident: Resident
  lastUsedUs: number
  statistics: Statistics
  queue: Job[]
  state: SlotState
  isBatching: boolean
  unsettled: number
  timer: NodeJS.Timeout | undefined
  /** Called when the last request has been answered. */
  onEmpty: () => void
}

/** Loads a version in workers of its own. Rejects only when aborted. */
export async function openSlot(source: SeatSource, options: SlotOptions, signal: AbortSignal) {
  const count = firstCount(options.settings)
  const starts = Array.from({ length: count }, (_, at) => startAt(source, options, at, signal))
  const results = (await Promise.allSettled(starts)).map((it) => (it.status === 'fulfilled' ? it.value : undefined))
  const instances = results.map((it) => (it?.ok ? it.instance : undefined)).filter((it) => it !== undefined)
  if (instances.length === count) return { ok: true as const, slot: createSlot(source, instances, options) }
  await Promise.all(instances.map((instance) => instance.stop()))
  signal.throwIfAborted()
  const refusal = results.find((it) => it?.ok === false)
  return { ok: false as const, code: 'model_load_failed' as const, message: messageOf(refusal) }
}

/** A signal that never fires. */
const UNLIMITED = new AbortController().signal

/** One worker at least: a version proves itself, and shows its signature, before anything falls to zero. */
const firstCount = ({ instances, scaling }: Serving) =>
  scaling ? Math.max(1, scaling.min, Math.min(instances, scaling.max)) : instances

/** [contract, Serving.instances] A slot has as many run marks. The byte after them belongs to another slot. */
const MARKS_MAX = 64

function startAt(source: SeatSource, { settings, mark }: SlotOptions, at: number, signal: AbortSignal) {
  // While a released worker answers its last request, its place is taken, and one more worker may have none.
  const own = mark && at < MARKS_MAX ? { ...mark, position: mark.position + at } : undefined
  return startInstance({ ...source, settings, mark: own }, signal)
}

const messageOf = (refusal: { ok: boolean; message?: string } | undefined) =>
  refusal?.message ?? 'a worker could not be started'

function createSlot(source: SeatSource, instances: Instance[], options: SlotOptions): Slot {
  const crews = instances.map((instance, at): Crew => ({ instance, at, sent: [] }))
  const slot: Slotted = {
    ...options,
    source,
    crews,
    leaving: [],
    loading: new Set(),
    scaler: undefined,
    lastUsedUs: nowUs(),
    resident: {
      name: options.name ?? 'the model',
      lastUsedUs: () => slot.lastUsedUs,
      isPinned: () => slot.settings.scaling?.min !== 0,
      evict: (reason) => slot.state.status === 'ready' && slot.scaler?.evict(reason) === true,
    },
    statistics: createStatistics(),
    queue: [],
    state: { status: 'ready' },
    isBatching: options.settings.maxBatch > 1,
    unsettled: 0,
    timer: undefined,
    onEmpty: () => {},
  }
  for (const crew of crews) {
    // A claim for a load is granted at once.
    void slot.residency?.claim(claimOf(slot, 'load'), UNLIMITED)
    hire(slot, crew)
  }
  const { scaling } = slot.settings
  if (scaling) slot.scaler = scaleSlot(scaling, crewsOf(slot), slot)
  return {
    signature: instances[0]?.signature ?? { inputs: [], outputs: [] },
    settings: slot.settings,
    statistics: slot.statistics,
    state: () => slot.state,
    pending: () => slot.unsettled,
    longestRunMs: () => longestRunMs(slot),
    scale: () => slot.scaler?.view(),
    infer: (request, timeoutUs, signal) => {
      const { deadlineMs } = slot.settings
      return admit(
        slot,
        request,
        { deadlineMs: timeoutUs > 0 ? Math.min(timeoutUs / 1_000, deadlineMs) : deadlineMs },
        signal,
      )
    },
    attempt: (request, signal) => admit(slot, request, { deadlineMs: undefined }, signal),
    close: () => close(slot),
  }
}

const crewsOf = (slot: Slotted): ScaledCrews => ({
  levels: () => levelsOf(slot),
  count: () => slot.crews.length,
  start: (need, signal) => grow(slot, need, signal),
  release: () => void release(slot),
  broken: (message) => breakDown(slot, message),
})

const levelsOf = ({ unsettled, queue, crews, leaving }: Slotted) => ({
  concurrency: unsettled,
  busy: [...crews, ...leaving].filter(({ sent }) => sent.length > 0).length,
  queue: queue.length,
})

/** The meter gets each change, as far as anybody reads it. */
const noteLevels = (slot: Slotted) => slot.scaler?.meter.note(levelsOf(slot), nowUs())

/** Loads one more worker beside the others, if the memory has room for it. */
async function grow(slot: Slotted, need: Claim['need'], signal: AbortSignal): ReturnType<ScaledCrews['start']> {
  const claimed = await slot.residency?.claim(claimOf(slot, need), signal)
  if (claimed?.ok === false) return claimed
  const started = await startOneMore(slot, signal).catch((error: unknown) => {
    freeMemory(slot)
    throw error
  })
  if (!started.ok) freeMemory(slot)
  return started
}

const claimOf = ({ resident, workerBytes: bytes = 0 }: Slotted, need: Claim['need']): Claim => ({
  resident,
  bytes,
  need,
})

const freeMemory = ({ residency, resident, workerBytes = 0 }: Slotted) => residency?.free(resident, workerBytes)

/** Its memory is free once the worker has ended, on an order or not. */
function hire(slot: Slotted, { instance }: Crew): void {
  void instance.ended.then(() => freeMemory(slot))
  void instance.crashed.then((reason) => breakDown(slot, reason))
}

async function startOneMore(slot: Slotted, signal: AbortSignal): ReturnType<ScaledCrews['start']> {
  const taken = new Set([...[...slot.crews, ...slot.leaving].map(({ at }) => at), ...slot.loading])
  let at = 0
  while (taken.has(at)) at++
  slot.loading.add(at)
  const started = await startAt(slot.source, slot, at, signal).finally(() => slot.loading.delete(at))
  if (!started.ok) return started
  const { instance } = started
  if (slot.state.status === 'failed' || signal.aborted) {
    await instance.stop()
    return { ok: false, message: slot.state.status === 'failed' ? slot.state.reason : 'the model is unloaded' }
  }
  const crew = { instance, at, sent: [] }
  slot.crews.push(crew)
  hire(slot, crew)
  pump(slot)
  return { ok: true }
}

/** The least busy worker takes no more requests, and ends once it has answered those that it has. */
async function release(slot: Slotted): Promise<void> {
  const crew = leastBusy(slot.crews)
  if (crew === undefined) return
  slot.crews = slot.crews.filter((other) => other !== crew)
  slot.leaving.push(crew)
  if (crew.sent.length === 0) await endCrew(slot, crew)
}

async function endCrew(slot: Slotted, crew: Crew): Promise<void> {
  await crew.instance.stop()
  slot.leaving = slot.leaving.filter((other) => other !== crew)
}

const longestRunMs = ({ crews, leaving }: Slotted) =>
  Math.max(0, ...[...crews, ...leaving].map(({ sent: [run] }) => (run === undefined ? 0 : nowUs() - run.sinceUs))) /
  1_000

async function admit(
  slot: Slotted,
  request: FittedRequest,
  { deadlineMs }: { deadlineMs: number | undefined },
  signal: AbortSignal,
): Promise<SlotResult> {
  const isCounted = deadlineMs !== undefined
  const runMs = longestRunMs(slot)
  if (runMs > slot.settings.deadlineMs * STUCK_DEADLINES)
    breakDown(slot, `a run does not end: ${Math.round(runMs)} ms so far`)
  const refusal = refusalOf(slot, signal)
  if (refusal !== undefined) {
    if (isCounted) recordFailure(slot.statistics, refusal, 0)
    return refusal
  }
  const onSettled = (job: Job, result: SlotResult, run: AnsweredRun | undefined) => {
    if (isCounted) count(slot, job, result, run)
    settled(slot, job)
  }
  const { job, result } = createJob(request, { arrivedUs: nowUs(), deadlineMs, onSettled }, signal)
  slot.unsettled++
  slot.lastUsedUs = nowUs()
  slot.queue.push(job)
  slot.scaler?.meter.arrived()
  pump(slot)
  noteLevels(slot)
  if (slot.crews.length === 0) slot.scaler?.wake()
  return result
}

function refusalOf({ state, queue, settings }: Slotted, signal: AbortSignal): Failure | undefined {
  if (signal.aborted) return fail('request_cancelled', 'the client went away')
  if (state.status === 'failed') return fail('model_unready', `the model failed: ${state.reason}`)
  if (state.status === 'draining') return fail('model_unready', 'the model is being unloaded')
  if (queue.length < settings.queueMax) return undefined
  return fail('queue_full', `${queue.length} requests are waiting already: try again later, or raise queueMax`)
}

function count(
  { statistics, clock }: Slotted,
  { rows, arrivedUs }: Job,
  result: SlotResult,
  run: AnsweredRun | undefined,
): void {
  const now = nowUs()
  if (!result.ok) recordFailure(statistics, result, now - arrivedUs)
  else if (run) recordSuccess(statistics, { rows, arrivedUs, times: run.times, nowUs: now, nowMs: clock.nowMs() })
  // Outputs with NaN show in the moments, although the caller cannot get them.
  if (run) statistics.outputs.observe(run.outputs, now)
}

function settled(slot: Slotted, job: Job): void {
  if (job.isWaiting) slot.queue.splice(slot.queue.indexOf(job), 1)
  slot.unsettled--
  slot.scaler?.meter.answered(nowUs() - job.arrivedUs)
  noteLevels(slot)
  if (slot.unsettled > 0) return
  slot.onEmpty()
  slot.residency?.idle()
}

/** Hands waiting requests to workers that can take them, until none can or none may go yet. */
function pump(slot: Slotted): void {
  clearTimeout(slot.timer)
  for (;;) {
    const crew = leastBusy(slot.crews)
    if (crew === undefined || crew.sent.length >= IN_FLIGHT_MAX) return
    const { maxBatch, maxDelayMs } = slot.settings
    const rules = { rowsMax: slot.isBatching ? maxBatch : 1, delayMaxUs: maxDelayMs * 1_000 }
    const now = nowUs()
    const plan = planBatch(slot.queue, rules, { nowUs: now, isWorkerIdle: crew.sent.length === 0 })
    if (plan.kind === 'wait') {
      if (plan.atUs !== undefined) slot.timer = setTimeout(() => pump(slot), Math.max(0, (plan.atUs - now) / 1_000))
      return
    }
    send(slot, crew, slot.queue.splice(0, plan.count))
  }
}

const leastBusy = ([first, ...others]: Crew[]) =>
  others.reduce((least, crew) => (least !== undefined && least.sent.length <= crew.sent.length ? least : crew), first)

function send(slot: Slotted, crew: Crew, jobs: Job[]): void {
  const order = { jobs, sinceUs: nowUs() }
  for (const job of jobs) job.isWaiting = false
  crew.sent.push(order)
  const requests = jobs.map(({ inputs }) => inputs)
  const rows = jobs.map((job) => job.rows)
  void crew.instance.run({ requests, rows, outputs: jobs[0]?.outputs ?? [] }).then((report) => {
    // The worker has ended: breakDown answers for all that it had.
    if (report === undefined) return
    crew.sent.shift()
    // The next in the mailbox begins only now.
    if (crew.sent[0] !== undefined) crew.sent[0].sinceUs = nowUs()
    answer(slot, jobs, report)
    pump(slot)
    noteLevels(slot)
    if (crew.sent.length === 0 && slot.leaving.includes(crew)) void endCrew(slot, crew)
  })
}

function answer(slot: Slotted, jobs: Job[], { outcomes, runs, isSplittable }: RunReport): void {
  if (!isSplittable) slot.isBatching = false
  for (const { rows, times } of runs) recordRun(slot.statistics, rows, times)
  for (const [at, job] of jobs.entries()) {
    const outcome = outcomes[at]
    if (outcome?.ok) job.settle({ ok: true, outputs: outcome.outputs }, outcome.times)
    else job.settle(fail('model_failed', outcome?.message ?? 'the worker did not answer'))
  }
}

/** A worker ended by itself: waiting requests fail, and the other workers end too, so that a slot is whole or gone. */
function breakDown(slot: Slotted, reason: string): void {
  if (slot.state.status === 'failed') return
  slot.state = { status: 'failed', reason }
  slot.scaler?.close()
  const crews = [...slot.crews, ...slot.leaving]
  const jobs = [...slot.queue, ...crews.flatMap(({ sent }) => sent.flatMap((order) => order.jobs))]
  for (const job of jobs) job.settle(fail('model_failed', `the model's worker ended: ${reason}`))
  for (const { instance } of crews) void instance.stop()
}

async function close(slot: Slotted): Promise<boolean> {
  if (slot.state.status === 'ready') slot.state = { status: 'draining' }
  if (slot.unsettled > 0)
    await new Promise<void>((resolve) => {
      slot.onEmpty = resolve
    })
  clearTimeout(slot.timer)
  slot.scaler?.close()
  const stops = await Promise.all([...slot.crews, ...slot.leaving].map(({ instance }) => instance.stop()))
  return stops.every((isStopped) => isStopped)
}
