/**
 * Mirror: gives a loaded version copies of the requests that another one answers, and compares the answers. Nothing waits for it: a request is
 * answered before its copy is run, one copy runs at a time, few wait, and what comes meanwhile is dropped and counted.
 */
import { availableParallelism } from 'node:os'
import type { Tolerance } from '@skerry/contract/devices/golden'
import type { TensorSpec } from '@skerry/contract/models/tensor'
import type { Signature } from '../seat/session.ts'
import { compareAnswers } from './answer-comparison.ts'
import { createHistogram, type Histogram } from './histogram.ts'
import { type FittedRequest, fitRequest } from './infer-request.ts'
import type { SlotResult } from './job.ts'
import { copyBytes, type RawTensor } from './raw-tensor.ts'
import { nowUs } from './run-clock.ts'
import type { Slot } from './slot.ts'

export type MirrorRules = { share: number; tolerance: Tolerance }

export type MirrorStatistics = {
  matched: number
  mismatched: number
  errors: number
  dropped: number
  /** Undefined before two answers were compared. */
  maxDifference: number | undefined
  latency: Pick<Histogram, 'quantileUs'>
}

export type Mirror = {
  /** Before a request is answered: whether this one is copied, too. Its inputs are gone once it has been answered. */
  take(request: FittedRequest): MirroredRequest | undefined
  /** Once any request has been answered: the copy, if there is one, is run when there is time. */
  answered(copy: MirroredRequest | undefined, result: SlotResult): void
  statistics: MirrorStatistics
  /** Forgets what waits and what runs. */
  close(): void
}

export type MirroredRequest = { inputs: RawTensor[]; outputs: readonly string[]; byteLength: number }

/** Copies that wait or run. More would only make what is compared older, and hold memory. */
const COPIES_MAX = 32

/** Of all copies together. A copy of so much holds up the thread for some 5 ms, which is why it is not more. */
const BYTES_MAX = 16 * 1024 * 1024

type Waiting = { copy: MirroredRequest; expected: RawTensor[] }

type Mirroring = {
  serving: Slot
  shadow: Slot
  rules: MirrorRules
  statistics: MirrorStatistics & { latency: Histogram }
  closing: AbortController
  /** Grows by the share with each request; a whole one is a copy. */
  due: number
  copies: number
  bytes: number
  waiting: Waiting[]
  isRunning: boolean
}

/** Mirrors what `serving` answers to `shadow`. */
export function createMirror(serving: Slot, shadow: Slot, rules: MirrorRules): Mirror {
  const it: Mirroring = {
    serving,
    shadow,
    rules,
    statistics: {
      matched: 0,
      mismatched: 0,
      errors: 0,
      dropped: 0,
      maxDifference: undefined,
      latency: createHistogram(),
    },
    closing: new AbortController(),
    due: 0,
    copies: 0,
    bytes: 0,
    waiting: [],
    isRunning: false,
  }
  return {
    statistics: it.statistics,
    take: (request) => take(it, request),
    answered(copy, result) {
      // What the serving version could not answer says nothing about the other.
      if (copy && result.ok) it.waiting.push({ copy, expected: result.outputs })
      else if (copy) release(it, copy)
      if (it.waiting.length > 0) void runAll(it)
    },
    close() {
      it.closing.abort()
      it.waiting = []
    },
  }
}

/** Why a version with this signature cannot be asked what the serving one is asked; undefined when it can. */
export function mirrorProblem(serving: Signature, shadow: Signature): string | undefined {
  const unknown = shadow.inputs.find(({ name }) => !serving.inputs.some((input) => input.name === name))
  if (unknown !== undefined) return `it needs input '${unknown.name}', which requests do not have`
  for (const input of serving.inputs) {
    const problem = inputProblem(input, named(shadow.inputs, input))
    if (problem !== undefined) return problem
  }
  for (const output of serving.outputs) {
    const own = named(shadow.outputs, output)
    if (own === undefined) return `it has no output '${output.name}'`
    if (own.datatype !== output.datatype) return `its output '${own.name}' is ${own.datatype}, not ${output.datatype}`
  }
  return undefined
}

const named = (specs: readonly TensorSpec[], { name }: TensorSpec) => specs.find((spec) => spec.name === name)

function inputProblem({ name, datatype, shape }: TensorSpec, own: TensorSpec | undefined): string | undefined {
  if (own === undefined) return `it has no input '${name}'`
  if (own.datatype !== datatype) return `its input '${name}' is ${own.datatype}, not ${datatype}`
  const isTaken = own.shape.length === shape.length && own.shape.every((size, at) => size === -1 || size === shape[at])
  return isTaken ? undefined : `its input '${name}' has shape [${own.shape.join()}], not [${shape.join()}]`
}

function take(it: Mirroring, { inputs, outputs }: FittedRequest): MirroredRequest | undefined {
  it.due += it.rules.share
  if (it.due < 1 || it.closing.signal.aborted) return undefined
  it.due -= 1
  const byteLength = inputs.reduce((sum, { data }) => sum + data.byteLength, 0)
  if (it.copies >= COPIES_MAX || it.bytes + byteLength > BYTES_MAX) {
    it.statistics.dropped++
    return undefined
  }
  it.copies++
  it.bytes += byteLength
  return { inputs: inputs.map((input) => ({ ...input, data: copyBytes(input.data) })), outputs, byteLength }
}

function release(it: Mirroring, { byteLength }: MirroredRequest): void {
  it.copies--
  it.bytes -= byteLength
}

async function runAll(it: Mirroring): Promise<void> {
  if (it.isRunning) return
  it.isRunning = true
  for (let next = it.waiting[0]; next && mayRun(it); next = it.waiting[0]) {
    it.waiting.shift()
    await runOne(it, next).catch(() => it.statistics.errors++)
    release(it, next.copy)
  }
  it.isRunning = false
}

/** Where there is no core to spare, a copy would take the serving version's: it runs only while nobody waits for an answer. */
function mayRun({ serving, shadow }: Mirroring): boolean {
  const { instances, threads } = serving.settings
  const isCoreSpare = availableParallelism() >= instances * threads + shadow.settings.threads
  return isCoreSpare || serving.pending() === 0
}

async function runOne(it: Mirroring, { copy, expected }: Waiting): Promise<void> {
  const { shadow, statistics, rules, closing } = it
  const startUs = nowUs()
  const fitted = fitRequest(shadow.signature, copy)
  const limited = AbortSignal.any([closing.signal, AbortSignal.timeout(shadow.settings.deadlineMs)])
  const result = fitted.ok ? await shadow.attempt(fitted, limited) : fitted
  if (closing.signal.aborted) return
  if (!result.ok) {
    statistics.errors++
    return
  }
  statistics.latency.record(nowUs() - startUs)
  const { isMatch, maxDifference } = await compareAnswers(expected, result.outputs, rules.tolerance)
  statistics.maxDifference = Math.max(statistics.maxDifference ?? 0, maxDifference)
  if (isMatch) statistics.matched++
  else statistics.mismatched++
}
