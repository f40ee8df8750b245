/**
 * Fetch lane: the one current transfer. Each pass of the plan names the files to fetch. A transfer that the plan no
 * longer names is cut, and continues from its bytes when it is named again. After a temporary failure the lane waits,
 * longer each time. A permanent failure fails the item.
 */

import type { Cause } from '@skerry/contract/devices/item'
import type { Digest } from '@skerry/contract/values/digest'
import { type FetchStep, stepKey } from '@skerry/core/device/device-plan'
import { backoffMs } from '@skerry/core/values/backoff'
import type { DownloadProblem, DownloadResult } from '@skerry/platform/blobs/blob-download'
import { hasNoRoom } from '@skerry/platform/files/file-system'
import type { Log } from '@skerry/platform/process/log'
import type { ItemFile } from '../hub/hub-download.ts'
import { reasonIn } from '../hub/hub-reason.ts'

export type FetchLane = AsyncDisposable & {
  /** Starts the first of the steps, and stops a transfer that is not among them. */
  follow(steps: readonly FetchStep[]): void
}

export type FetchOutcome =
  | { kind: 'arrived'; digest: Digest; sizeBytes: number }
  | { kind: 'waits'; step: FetchStep; cause: Cause; waitMs: number }
  /** The hub has other bytes, or none: another request would give the same. */
  | { kind: 'refused'; step: FetchStep; cause: Cause }

export type FetchLaneDeps = {
  download(file: ItemFile, signal: AbortSignal): Promise<DownloadResult>
  random: () => number
  log: Log
  onOutcome(outcome: FetchOutcome): void
  /** No transfer is running any more, so that another may begin. */
  onIdle(): void
}

/**
 * In milliseconds. The download itself tries for some 40 s before it gives up. A returned network goes unnoticed for at
 * most five minutes.
 */
const BACKOFF = { baseMs: 5_000, maxMs: 300_000 }

/** At the start no transfer is running. */
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
      // A version that served here and was lost is more urgent than any new one.
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
      const result = await download({ digest, sizeBytes, kind: step.item.kind }, signal)
      if (!result.ok) return onOutcome(outcomeOf(step, path, result, backoffOf(key)))
      failures.delete(key)
      log.info('file_fetched', {
        name: step.item.name,
        version: step.item.version,
        path,
        digest,
        receivedBytes: result.receivedBytes,
      })
      onOutcome({ kind: 'arrived', digest, sizeBytes })
    }
  } catch (error) {
    if (signal.aborted) return
    log.error('fetch_failed', { name: step.item.name, error })
    onOutcome({ kind: 'waits', step, cause: causeOf(error), waitMs: backoffOf(key) })
  }

  function backoffOf(name: string): number {
    const count = failures.get(name) ?? 0
    failures.set(name, count + 1)
    return backoffMs(count, BACKOFF, 0.5 + random() / 2)
  }
}

/** A disk that is full when the file is created is not a network failure. */
function causeOf(error: unknown): Cause {
  if (hasNoRoom(error)) return { code: 'storage_full', message: 'the disk is full; make room' }
  return { code: 'fetch_failed', message: error instanceof Error ? error.message : String(error) }
}

/** The received bytes are not the signed ones: too short, too long, or different. */
const WRONG_BYTES: readonly string[] = ['blob_damaged', 'response_too_large', 'response_malformed']

/**
 * Statuses of a hub that does not have the bytes. A rejected certificate is not among them: it is no fault of the
 * version.
 */
const HAS_NOT = [404, 410]

function outcomeOf(step: FetchStep, path: string, problem: DownloadProblem, backoff: number): FetchOutcome {
  const { code, message } = { ...problem, ...reasonIn(problem.body) }
  const cause = { code, message: `fetching ${path}: ${message}`.slice(0, 1_000) }
  const isFinal =
    WRONG_BYTES.includes(problem.code) || (problem.status !== undefined && HAS_NOT.includes(problem.status))
  if (isFinal) return { kind: 'refused', step, cause }
  return { kind: 'waits', step, cause, waitMs: Math.max(backoff, problem.retryAfterMs ?? 0) }
}
