/**
 * Builds: makes another form of a model by a recipe, in a process of its own under limits of time and memory. The end
 * of a model that takes too much of either is a value here.
 */
import type { ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Recipe } from '@skerry/contract/builds/build'
import type { GoldenInputCase } from '@skerry/contract/devices/golden'
import type { PassReport } from '@skerry/onnx/passes/pass'
import { inLimitedChild, untilLargerThan } from '../seat/limited-child.ts'

export type BuildOrder = {
  modelPath: string
  /** The file to write; nothing else is written. */
  outPath: string
  recipe: Recipe
  /** Calibration inputs; recipes without a calibration ignore them. */
  cases: readonly GoldenInputCase[]
  /** Names of the results of nodes that stay in float. */
  keep: readonly string[]
}

export type BuildLimits = { timeMs: number; memoryBytes: number }

export type BuildCode = 'build_refused' | 'build_timeout' | 'build_memory_exceeded' | 'build_crashed'

export type BuildResult =
  | { ok: true; sizeBytes: number; reports: PassReport[]; peakBytes: number }
  | { ok: false; code: BuildCode; message: string }

/** Makes one build. Rejects only when the signal fires, or no process can be started. */
export async function buildModel(order: BuildOrder, limits: BuildLimits, signal: AbortSignal): Promise<BuildResult> {
  const work = (child: ChildProcess, ending: AbortSignal) => {
    const result = resultOf(child)
    // A child that is gone already reports that by its exit.
    child.send(order, () => {})
    return Promise.race([result, tooLong(limits, ending), tooLarge(child, limits, ending)])
  }
  return inLimitedChild('../optimise/build-child', work, signal)
}

function resultOf(child: ChildProcess): Promise<BuildResult> {
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as BuildResult))
    child.once('error', (cause) => reject(new Error('starting a build', { cause })))
    child.once('exit', (code, signal) => {
      const message = `the build ended with ${signal ?? `code ${code}`}`
      resolve({ ok: false, code: 'build_crashed', message })
    })
  })
}

async function tooLong({ timeMs }: BuildLimits, ending: AbortSignal): Promise<BuildResult> {
  await sleep(timeMs, undefined, { signal: ending })
  const message = `the build took longer than ${timeMs / 1_000} s: give fewer or smaller calibration inputs`
  return { ok: false, code: 'build_timeout', message }
}

async function tooLarge(child: ChildProcess, { memoryBytes }: BuildLimits, ending: AbortSignal): Promise<BuildResult> {
  await untilLargerThan(memoryBytes, child, ending)
  const message = `the build took more than ${memoryBytes} bytes of memory: give smaller calibration inputs`
  return { ok: false, code: 'build_memory_exceeded', message }
}
