/**
 * Label fetch: fetches the labels that the hub has for rows of this device, by their numbers. The number of the newest
 * label is in memory only: each start begins at the first label, so that a hub that was restored from a backup, and gives
 * numbers again, is followed too.
 */
import { text } from 'node:stream/consumers'
import { DEVICE_LABELS_PATH, DeviceLabels } from '@skerry/contract/captures/device-labels'
import { backoffMs } from '@skerry/core/values/backoff'
import type { Clock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import type { HubDownload } from '../hub/hub-download.ts'
import { reasonIn } from '../hub/hub-reason.ts'

export type LabelFetch = AsyncDisposable & {
  /** The number of the newest fetched label; 0 before the first. */
  newest(): number
  /** The hub's newest label has this number. Labels are fetched until it is here. Never rejects. */
  follow(last: number): void
}

export type LabelFetchDeps = {
  send: HubDownload['send']
  clock: Pick<Clock, 'sleep'>
  random: () => number
  log: Pick<Log, 'info' | 'warn'>
  /** Stores the labels whose rows are here. */
  keep(labels: DeviceLabels['labels']): void
  /** All labels are here, or the hub rejects the request. */
  onEnd(): void
}

/** A hub that starts again is back within some seconds, and a link that is down for hours needs no more tries. */
const RETRY = { baseMs: 1_000, maxMs: 120_000 }

type Fetching = LabelFetchDeps & { newest: number; wanted: number; running: Promise<void> | undefined }

export function openLabelFetch(deps: LabelFetchDeps): LabelFetch {
  const it: Fetching = { ...deps, newest: 0, wanted: 0, running: undefined }
  const stop = new AbortController()
  return {
    newest: () => it.newest,
    follow(last) {
      it.wanted = last
      if (stop.signal.aborted || it.running || it.newest === last) return
      it.running = fetchAll(it, stop.signal)
        .catch((error: unknown) => {
          if (!stop.signal.aborted) it.log.warn('capture_labels_failed', { error })
        })
        .finally(() => {
          it.running = undefined
          it.onEnd()
        })
    },
    async [Symbol.asyncDispose]() {
      stop.abort()
      await it.running
    },
  }
}

/** A smaller number than before: labels were erased, or the hub was restored. Then all labels come again. */
async function fetchAll(it: Fetching, signal: AbortSignal): Promise<void> {
  for (let tries = 0; it.newest !== it.wanted; ) {
    const { wanted } = it
    if (it.newest > wanted) it.newest = 0
    const answer = await fetchPage(it, signal)
    if (answer.kind === 'rejected') return it.log.warn('capture_labels_rejected', { message: answer.message })
    if (answer.kind === 'again') {
      await it.clock.sleep(backoffMs(tries, RETRY, it.random()), signal)
      tries += 1
      continue
    }
    tries = 0
    const { labels, isCut } = answer.page
    it.keep(labels)
    it.newest = labels.at(-1)?.sequence ?? it.newest
    // The last ones may have been erased since. The hub compares the numbers after the report.
    if (!isCut && it.wanted === wanted) return
  }
}

type Answer = { kind: 'page'; page: DeviceLabels } | { kind: 'rejected'; message: string } | { kind: 'again' }

async function fetchPage({ send, newest }: Fetching, signal: AbortSignal): Promise<Answer> {
  const answer = await send({ path: `${DEVICE_LABELS_PATH}?after=${newest}` }, signal)
  if (!answer.ok) return answer.retryable ? { kind: 'again' } : { kind: 'rejected', message: answer.message }
  const body = parsed(await text(answer.stream))
  const page = DeviceLabels.safeParse(body)
  if (answer.status === 200 && page.success) return { kind: 'page', page: page.data }
  // A device in quarantine may come out of it, and a hub may be busy.
  const isPassing = answer.status === 401 || answer.status === 403 || answer.status === 429 || answer.status >= 500
  if (isPassing) return { kind: 'again' }
  return { kind: 'rejected', message: reasonIn(body).message ?? `the hub answered ${answer.status}` }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
