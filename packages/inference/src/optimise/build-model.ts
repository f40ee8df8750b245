/**
 * Builds: makes another form of a model by a recipe, in a process of its own under limits of time and memory. The end
 * of a model that takes too much of either is a value here.
 */
import type { ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import type { NodeError, Recipe } from '@skerry/contract/builds/build'
import type { RangeMethod } from '@skerry/contract/builds/device-ranges'
import type { GoldenInputCase } from '@skerry/contract/devices/golden'
import type { PassReport } from '@skerry/onnx/passes/pass'
import type { Range } from '@skerry/onnx/passes/qdq/observation'
import type { ModelSource } from '../runtime/model-source.ts'
import { inLimitedChild, untilLargerThan } from '../seat/limited-child.ts'

/** The ranges of tensors of the prepared model, by name. They say nothing of single inputs. */
export type Ranges = ReadonlyMap<string, Range>

export type BuildOrder = {
  modelPath: string
  /** The file to write; nothing else is written. */
  outPath: string
  recipe: Recipe
  /** Calibration inputs; recipes without a calibration ignore them. */
  cases: readonly GoldenInputCase[]
  /** From an earlier build of the same recipe and inputs, which then are not run again. */
  ranges?: Ranges
  /** Names of the results of nodes that stay in float. */
  keep: readonly string[]
}

export type RankOrder = {
  modelPath: string
  recipe: Recipe
  /** The errors come from runs on these inputs. */
  cases: readonly GoldenInputCase[]
  ranges: Ranges
}

export type BuildLimits = { timeMs: number; memoryBytes: number }

export type BuildCode =
  | 'build_refused'
  | 'build_timeout'
  | 'build_disk_full'
  | 'build_memory_exceeded'
  | 'build_crashed'

type Failed = { ok: false; code: BuildCode; message: string }

export type BuildResult =
  | { ok: true; sizeBytes: number; reports: PassReport[]; ranges: Ranges; peakBytes: number }
  | Failed

/**
 * `error` is the root of the mean squared error of a node's result, in standard deviations of that result. `key` is the
 * name of the result, by which a recipe keeps the node in float.
 */
export type RankedNode = NodeError & { key: string }

/** Worst first. */
export type RankResult = { ok: true; nodes: RankedNode[]; peakBytes: number } | Failed

export type ObserveOrder = {
  source: ModelSource
  cases: readonly GoldenInputCase[]
}

/** The ranges of all tensors that recipes need, by each method. */
export type ObserveResult =
  | { ok: true; ranges: ReadonlyMap<string, Record<RangeMethod, Range>>; peakBytes: number }
  | Failed

/** The work of the process. */
export type BuildTask =
  | { kind: 'build'; order: BuildOrder }
  | { kind: 'rank'; order: RankOrder }
  | { kind: 'observe'; order: ObserveOrder }

/** Makes one build. Rejects only when the signal fires, or no process can be started. */
export const buildModel = (order: BuildOrder, limits: BuildLimits, signal: AbortSignal): Promise<BuildResult> =>
  inProcess<BuildResult>({ kind: 'build', order }, limits, signal)

/** Measures the error of each rewritten node alone. Rejects as `buildModel` does. */
export const rankModel = (order: RankOrder, limits: BuildLimits, signal: AbortSignal): Promise<RankResult> =>
  inProcess<RankResult>({ kind: 'rank', order }, limits, signal)

/** Computes the ranges of a model's tensors on inputs. Writes nothing. Rejects as `buildModel` does. */
export const observeModel = (order: ObserveOrder, limits: BuildLimits, signal: AbortSignal): Promise<ObserveResult> =>
  inProcess<ObserveResult>({ kind: 'observe', order }, limits, signal)

async function inProcess<Result>(task: BuildTask, limits: BuildLimits, signal: AbortSignal): Promise<Result | Failed> {
  const work = (child: ChildProcess, ending: AbortSignal) => {
    const result = resultOf<Result>(child)
    // A child that is gone already reports that by its exit.
    child.send(task, () => {})
    return Promise.race([result, tooLong(limits, ending), tooLarge(child, limits, ending)])
  }
  return inLimitedChild('../optimise/build-child', work, signal)
}

function resultOf<Result>(child: ChildProcess): Promise<Result | Failed> {
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as Result | Failed))
    child.once('error', (cause) => reject(new Error('starting a build', { cause })))
    child.once('exit', (code, signal) => {
      const message = `the build ended with ${signal ?? `code ${code}`}`
      resolve({ ok: false, code: 'build_crashed', message })
    })
  })
}

async function tooLong({ timeMs }: BuildLimits, ending: AbortSignal): Promise<Failed> {
  await sleep(timeMs, undefined, { signal: ending })
  const message = `the build took longer than ${timeMs / 1_000} s: give fewer or smaller calibration inputs`
  return { ok: false, code: 'build_timeout', message }
}

async function tooLarge(child: ChildProcess, { memoryBytes }: BuildLimits, ending: AbortSignal): Promise<Failed> {
  await untilLargerThan(memoryBytes, child, ending)
  const message = `the build took more than ${memoryBytes} bytes of memory: give smaller calibration inputs`
  return { ok: false, code: 'build_memory_exceeded', message }
}
