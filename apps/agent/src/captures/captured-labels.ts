/** Captured labels: keeps the labels of captured rows in step with the hub, and says when the rows of a training changed. */
import type { Clock } from '@skerry/platform/process/clock'
import { createWakeUp } from '../wake-up.ts'
import type { CaptureStore } from './capture-store.ts'
import { type LabelFetch, type LabelFetchDeps, openLabelFetch } from './label-fetch.ts'

export type CapturedLabels = LabelFetch & {
  /** Resolves when labels have come, of which the hub does not know yet. */
  news(signal: AbortSignal): Promise<void>
  /** Rows may be gone. */
  onRows(): void
  /** Resolves when labelled rows have come or gone. */
  rowNews(signal: AbortSignal): Promise<void>
}

type CapturedLabelsDeps = Pick<LabelFetchDeps, 'send' | 'random' | 'log'> & {
  clock: Clock
  store: Pick<CaptureStore, 'label'>
  /** The models whose rows the owner offers. Labels of others are dropped. */
  models: ReadonlySet<string>
}

/** A person who labels rows one by one should not cause a report a second. */
const NEWS_GAP_MS = 1_000

/** Rows leave by their age too, which nothing announces. */
const LOOK_MS = 3_600_000

export function openCapturedLabels({ store, models, ...deps }: CapturedLabelsDeps): CapturedLabels {
  const fetched = createWakeUp(deps.clock)
  const rows = createWakeUp(deps.clock)
  const fetch = openLabelFetch({
    ...deps,
    keep(labels) {
      const labelled = store.label(labels.filter(({ model }) => models.has(model)))
      deps.log.info('capture_labels_taken', { labels: labels.length, labelled })
      if (labelled > 0) rows.wake()
    },
    onEnd: fetched.wake,
  })
  return {
    newest: fetch.newest,
    follow: fetch.follow,
    news: (signal) => fetched.wait(LOOK_MS, signal),
    onRows: rows.wake,
    async rowNews(signal) {
      await rows.wait(LOOK_MS, signal)
      await deps.clock.sleep(NEWS_GAP_MS, signal)
    },
    [Symbol.asyncDispose]: () => fetch[Symbol.asyncDispose](),
  }
}
