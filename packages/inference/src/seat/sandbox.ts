/**
 * Sandbox: tries in a process of its own whether the runtime can load a model, and computes its answers to golden
 * cases. The end of a hostile or broken model (crash, hang, all memory) is a value here.
 */
import type { ChildProcess } from 'node:child_process'
import type { GoldenInputCase } from '@skerry/contract/devices/golden'
import type { Tensor } from '@skerry/contract/models/tensor'
import { inLimitedChild, untilLargerThan, untilTimeSpent } from './limited-child.ts'
import type { Signature } from './session.ts'

export type SandboxTask = {
  modelPath: string
  /** Empty to load the model and no more. */
  cases: readonly GoldenInputCase[]
  limits: SandboxLimits
  signal: AbortSignal
}

export type SandboxLimits = {
  /**
   * From the start of the process until the runtime has loaded the model. Waiting for a busy processor does not count
   * in both times.
   */
  loadMs: number
  /** From there until the last case has its outputs. */
  casesMs: number
  /** Counts all of the child: Node and the runtime take about 130 MB of it. */
  memoryBytes: number
}

export type SandboxCode =
  | 'model_load_failed'
  | 'model_load_timeout'
  | 'model_memory_exceeded'
  | 'model_crashed'
  | 'golden_invalid'
  | 'golden_failed'
  | 'golden_timeout'
  | 'golden_memory_exceeded'

export type SandboxResult =
  | { ok: true; signature: Signature; outputs: Record<string, Tensor>[] }
  | { ok: false; code: SandboxCode; message: string }

/** The order to the child. */
export type SandboxOrder = Pick<SandboxTask, 'modelPath' | 'cases'>

/** The reports of the child: first that it has loaded the model, if it could, then its result. */
export type SandboxReport = { kind: 'loaded' } | { kind: 'result'; result: SandboxResult }

/** Loads and runs the model in a child process. Rejects only when the signal fires, or no process can be started. */
export async function runSandboxed({ modelPath, cases, limits, signal }: SandboxTask): Promise<SandboxResult> {
  const work = (child: ChildProcess, ending: AbortSignal) => {
    const progress = watchReports(child)
    // A child that is gone already reports that by its exit.
    child.send({ modelPath, cases } satisfies SandboxOrder, () => {})
    return Promise.race([
      progress.result,
      tooLong(child, { progress, limits }, ending),
      tooLarge(child, { progress, memoryBytes: limits.memoryBytes }, ending),
    ])
  }
  return inLimitedChild('sandbox-child', work, signal)
}

type Progress = {
  result: Promise<SandboxResult>
  loaded: Promise<void>
  isLoaded(): boolean
}

function watchReports(child: ChildProcess): Progress {
  const loading = Promise.withResolvers<void>()
  let isLoaded = false
  const result = new Promise<SandboxResult>((resolve, reject) => {
    child.on('message', (message) => {
      const report = message as SandboxReport
      if (report.kind === 'result') return resolve(report.result)
      isLoaded = true
      loading.resolve()
    })
    child.once('error', (cause) => reject(new Error('starting the sandbox', { cause })))
    child.once('exit', (code, signal) => {
      const how = signal ?? `code ${code}`
      resolve({ ok: false, code: 'model_crashed', message: `the runtime ended with ${how} on the model` })
    })
  })
  return { result, loaded: loading.promise, isLoaded: () => isLoaded }
}

type TimeWatch = { progress: Progress; limits: SandboxLimits }

async function tooLong(child: ChildProcess, watch: TimeWatch, ending: AbortSignal): Promise<SandboxResult> {
  const { progress, limits } = watch
  const { loadMs, casesMs } = limits
  const inTime = progress.loaded.then(() => true)
  if (!(await Promise.race([inTime, untilTimeSpent(loadMs, child, ending).then(() => false)]))) {
    return refuse(
      'model_load_timeout',
      `the runtime took longer than ${seconds(loadMs)} to load the model: push it again if the hub was busy, or push a smaller or simpler one`,
    )
  }
  await untilTimeSpent(casesMs, child, ending)
  return refuse('golden_timeout', `the golden cases took longer than ${seconds(casesMs)}: use fewer or smaller ones`)
}

type MemoryWatch = { progress: Progress; memoryBytes: number }

async function tooLarge(child: ChildProcess, watch: MemoryWatch, ending: AbortSignal): Promise<SandboxResult> {
  const { progress, memoryBytes } = watch
  await untilLargerThan(memoryBytes, child, ending)
  if (progress.isLoaded()) {
    return refuse(
      'golden_memory_exceeded',
      `the golden cases took more than ${memoryBytes} bytes of memory: use smaller ones`,
    )
  }
  return refuse(
    'model_memory_exceeded',
    `loading the model took more than ${memoryBytes} bytes of memory: push a smaller one`,
  )
}

const refuse = (code: SandboxCode, message: string): SandboxResult => ({ ok: false, code, message })

const seconds = (ms: number) => `${ms / 1_000} s`
