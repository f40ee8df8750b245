/** Replay worker: replays one recording in a thread of its own, so that a slow step does not block the page. */
import { replayHere } from './replay-here.ts'
import type { ReplayOrder, ReplaySaid } from './replay-message.ts'

/** Ten times a second is smooth to the eye. */
const REPORT_MS = 100

const say = (said: ReplaySaid) => self.postMessage(said)

self.addEventListener('message', ({ data }: MessageEvent<ReplayOrder>) => {
  let saidAtMs = 0
  const onBytes = (doneBytes: number) => {
    if (performance.now() - saidAtMs < REPORT_MS) return
    saidAtMs = performance.now()
    say({ kind: 'progress', doneBytes })
  }
  // The page ends the thread when it no longer needs the result.
  const never = new AbortController()
  replayHere(data, { onBytes, signal: never.signal }).then(
    (outcome) => say({ kind: 'done', outcome }),
    (error: unknown) => say({ kind: 'failed', message: error instanceof Error ? error.message : String(error) }),
  )
})
