/**
 * Learn rows: learns a detector from the rows that a device collected, or tries one on rows, in a process of its own under
 * limits of time and memory.
 */
import type { ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CovariancePart } from '@skerry/contract/learning/result'
import { inLimitedChild, untilLargerThan } from '../seat/limited-child.ts'
import type { Span } from './recorded-rows.ts'

export type LearnRowsOrder = LearnOrder | TryOrder

/** `part`: writes the part of this device in a joint detector. */
type LearnOrder = {
  work: 'learn' | 'part'
  rowsPath: string
  /** The rows are those of an imported recording. */
  recording?: string | undefined
  /** The times that a person has marked: rows of normal ones in files, and collected rows to leave out. */
  normal: readonly { mark: string; path: string }[]
  leftOut: readonly (Span & { mark: string })[]
  tags: readonly string[]
  everyMs: number
  samples: number
  falseAlarmDays: number
  accept: readonly string[]
  seed: number
  /** The part of this device, and that of all devices together. Absent for a device that learns by itself. */
  joint?: { own: CovariancePart; all: CovariancePart }
  /** The file of the result; it is there as a whole or not at all. */
  outPath: string
}

/** Writes the figures of a shadow. */
type TryOrder = {
  work: 'try'
  rowsPath: string
  tags: readonly string[]
  everyMs: number
  samples: number
  /** The result of the learning, with its detector. */
  resultPath: string
  rowsWanted: number
  outPath: string
}

export type LearnLimits = { timeMs: number; memoryBytes: number }

export type LearnRowsResult =
  | { ok: true }
  | { ok: false; code: 'learning_timeout' | 'learning_memory_exceeded' | 'learning_crashed'; message: string }

/** Rejects only when the signal fires, or no process can be started. */
export function learnRows(order: LearnRowsOrder, limits: LearnLimits, signal: AbortSignal): Promise<LearnRowsResult> {
  const work = (child: ChildProcess, ending: AbortSignal) => {
    const result = resultOf(child)
    // A child that is gone already reports that by its exit.
    child.send(order, () => {})
    return Promise.race([result, tooLong(limits, ending), tooLarge(child, limits, ending)])
  }
  return inLimitedChild('../learn/learn-child', work, signal)
}

function resultOf(child: ChildProcess): Promise<LearnRowsResult> {
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as LearnRowsResult))
    child.once('error', (cause) => reject(new Error('starting to learn', { cause })))
    child.once('exit', (code, signal) =>
      resolve({ ok: false, code: 'learning_crashed', message: `the learning ended with ${signal ?? `code ${code}`}` }),
    )
  })
}

async function tooLong({ timeMs }: LearnLimits, ending: AbortSignal): Promise<LearnRowsResult> {
  await sleep(timeMs, undefined, { signal: ending })
  return {
    ok: false,
    code: 'learning_timeout',
    message: `the learning took longer than ${Math.round(timeMs / 1_000)} s`,
  }
}

async function tooLarge(
  child: ChildProcess,
  { memoryBytes }: LearnLimits,
  ending: AbortSignal,
): Promise<LearnRowsResult> {
  await untilLargerThan(memoryBytes, child, ending)
  const message = `the learning took more than ${memoryBytes} bytes of memory`
  return { ok: false, code: 'learning_memory_exceeded', message }
}
