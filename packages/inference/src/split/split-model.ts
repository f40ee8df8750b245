/**
 * Split model: cuts a model into stages in a process of its own under limits of time and memory. The end of a model that
 * takes too much of either is a value here.
 */
import type { ChildProcess } from 'node:child_process'
import type { Golden, GoldenInputs } from '@skerry/contract/devices/golden'
import type { ErrorCode } from '@skerry/contract/errors/errors'
import type { ReferenceDifference } from '@skerry/core/device/proof/golden-reference'
import type { StagePlan } from '@skerry/onnx/split/plan-split'
import { inLimitedChild, untilLargerThan, untilTimeSpent } from '../seat/limited-child.ts'

export type SplitOrder = {
  /** The model; its weights may lie beside it. */
  modelPath: string
  /** The folder for the stages. */
  outFolder: string
  stages: number
  /** The network between the devices. */
  bytesPerUs: number
  /** The cases of the whole model. Without them the model is measured on zeros, and the stages have none. */
  golden: Golden | undefined
}

export type SplitStage = Omit<StagePlan, 'nodes' | 'computeUs'> & {
  path: string
  sizeBytes: number
  /** With copies of constant nodes. */
  nodeCount: number
  /** The shortest of some runs, on one thread. */
  measuredUs: number
  golden: GoldenInputs | undefined
}

export type SplitResult =
  | {
      ok: true
      stages: SplitStage[]
      wholeUs: number
      nodeCount: number
      /** The outputs of the whole model. */
      results: string[]
      /** A result of the stages that differs from that of the whole model; undefined if they agree, or were not tried. */
      fault: ReferenceDifference | undefined
      isOnZeros: boolean
    }
  | { ok: false; code: ErrorCode; message: string }

/** A model that needs longer, with its profile, is too slow for the golden check of any device. */
const SPLIT_MS = 300_000

/** Rejects only when the signal fires, or no process can be started. */
export function splitModel(order: SplitOrder, memoryBytes: number, signal: AbortSignal): Promise<SplitResult> {
  const work = (child: ChildProcess, ending: AbortSignal) => {
    const result = resultOf(child)
    // A child that is gone already reports that by its exit.
    child.send(order, () => {})
    return Promise.race([result, tooLong(child, ending), tooLarge(child, memoryBytes, ending)])
  }
  return inLimitedChild('../split/split-child', work, signal)
}

function resultOf(child: ChildProcess): Promise<SplitResult> {
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as SplitResult))
    child.once('error', (cause) => reject(new Error('starting a split', { cause })))
    child.once('exit', (code, signal) => {
      const message = `the runtime ended with ${signal ?? `code ${code}`} on the model`
      resolve({ ok: false, code: 'model_crashed', message })
    })
  })
}

async function tooLong(child: ChildProcess, ending: AbortSignal): Promise<SplitResult> {
  await untilTimeSpent(SPLIT_MS, child, ending)
  const message = `the split took longer than ${SPLIT_MS / 1_000} s: give fewer or smaller golden cases`
  return { ok: false, code: 'golden_timeout', message }
}

async function tooLarge(child: ChildProcess, memoryBytes: number, ending: AbortSignal): Promise<SplitResult> {
  await untilLargerThan(memoryBytes, child, ending)
  const message = `the split took more than ${memoryBytes} bytes of memory: cut a smaller model, or give smaller golden cases`
  return { ok: false, code: 'model_memory_exceeded', message }
}
