/**
 * Fetch lane: the one transfer that is under way. The plan says on each pass what should be fetched; what it no longer names is cut, and goes
 * on from its bytes when it is named again. What cannot be fetched now waits, longer and longer; what never can fails the item.
 */

import type { Cause } from '@skerry/contract/devices/item'
import type { Digest } from '@skerry/contract/values/digest'
import { type FetchStep, stepKey } from '@skerry/core/device/device-plan'
import { backoffMs } from '@skerry/core/values/backoff'
import type { DownloadProblem, DownloadResult } from '@skerry/platform/blobs/blob-download'
import { hasNoRoom } from '@skerry/platform/files/file-system'
import type { Log } from '@skerry/platform/process/log'
import { reasonIn } from '../hub/hub-reason.ts'

export type FetchLane = AsyncDisposable & {
  /** Has the first of the steps under way, and nothing that is not among them. */
  follow(steps: readonly FetchStep[]): void
}

export type FetchOutcome =
  | { kind: 'arrived'; digest: Digest; sizeBytes: number }
  | { kind: 'waits'; step: FetchStep; cause: Cause; waitMs: number }
  /** The hub has other bytes, or none: asking again would give the same. */
  | { kind: 'refused'; step: FetchStep; cause: Cause }

export type FetchLaneDeps = {
  download(file: { digest: Digest; sizeBytes: number }, signal: AbortSignal): Promise<DownloadResult>
  random: () => number
  log: Log
  onOutcome(outcome: FetchOutcome): void
  /** Nothing is under way any more; another may begin. */
  onIdle(): void
}

/** The download itself has tried for some 40 s before it gives up; five minutes are how long a network's return may go unnoticed. */
const BACKOFF = { baseMs: 5_000, maxMs: 300_000 }

/** Nothing is under way. */
export function openFetchLane(deps: FetchLaneDeps): FetchLane {
  const failures = new Map<string, number>()
  let current: { step: FetchStep; key: string; stop: AbortController; done: Promise<void> } | undefined

  const start = (step: FetchStep) => {
    const stop = new AbortController()
    const key = stepKey(step)
    const done = fetchFiles(step, deps, failures, stop.signal).finally(() => {
      current = undefined
      deps.onIdle()
    })
    current = { step, key, stop, done }
  }
  return {
    follow(steps) {
      const [first] = steps
      if (current && !steps.some((step) => stepKey(step) === current?.key)) current.stop.abort()
      // What served here and was lost is more urgent than anything new.
      if (current && first?.isRestore && !current.step.isRestore) current.stop.abort()
      if (!current && first) start(first)
    },
    async [Symbol.asyncDispose]() {
      current?.stop.abort()
      await current?.done
    },
  }
}

async function fetchFiles(
  step: FetchStep,
  { download, random, log, onOutcome }: FetchLaneDeps,
  failures: Map<string, number>,
  signal: AbortSignal,
): Promise<void> {
  const key = stepKey(step)
  try {
    for (const { digest, sizeBytes, path } of step.files) {
      const result = await download({ digest, sizeBytes }, signal)
      if (!result.ok) return onOutcome(outcomeOf(step, path, result, backoffOf(key)))
      failures.delete(key)
      log.info('file_fetched', {
        model: step.item.name,
        version: step.item.version,
        path,
        digest,
        receivedBytes: result.receivedBytes,
      })
      onOutcome({ kind: 'arrived', digest, sizeBytes })
    }
  } catch (error) {
    if (signal.aborted) return
    log.error('fetch_failed', { model: step.item.name, error })
    onOutcome({ kind: 'waits', step, cause: causeOf(error), waitMs: backoffOf(key) })
  }

  function backoffOf(name: string): number {
    const count = failures.get(name) ?? 0
    failures.set(name, count + 1)
    return backoffMs(count, BACKOFF, 0.5 + random() / 2)
  }
}

/** A disk that is full when the file is made is no matter of the network. */
function causeOf(error: unknown): Cause {
  if (hasNoRoom(error)) return { code: 'storage_full', message: 'the disk is full; make room' }
  return { code: 'fetch_failed', message: error instanceof Error ? error.message : String(error) }
}

/** What comes is not what was signed: too short, too long, other bytes. */
const WRONG_BYTES: readonly string[] = ['blob_damaged', 'response_too_large', 'response_malformed']

/** Statuses with which the hub says that it has no such bytes. A refused certificate, though, is no fault of the version. */
const HAS_NOT = [404, 410]

function outcomeOf(step: FetchStep, path: string, problem: DownloadProblem, backoff: number): FetchOutcome {
  const { code, message } = { ...problem, ...reasonIn(problem.body) }
  const cause = { code, message: `fetching ${path}: ${message}`.slice(0, 1_000) }
  const isFinal =
    WRONG_BYTES.includes(problem.code) || (problem.status !== undefined && HAS_NOT.includes(problem.status))
  if (isFinal) return { kind: 'refused', step, cause }
  return { kind: 'waits', step, cause, waitMs: Math.max(backoff, problem.retryAfterMs ?? 0) }
}
