/** Use replay: one recording at a time in a thread of its own, which ends with its answer, with its time, with the page, and when somebody says so. */
import type { Flow } from '@skerry/contract/flows/flow'
import type { FlowGolden } from '@skerry/contract/flows/flow-recording'
import { useCallback, useEffect, useRef, useState } from 'react'
import { sizeText } from '../../../components/charts/amounts.ts'
import { replayTexts as words } from './english-replay.ts'
import { REPLAY_BYTES_MAX } from './recording-lines.ts'
import type { ReplayOrder, ReplayOutcome, ReplaySaid } from './replay-message.ts'

/** Whoever waits for longer has a step that never ends, or a recording for the command line. */
const MINUTES_MAX = 5

export type Replay =
  | { state: 'idle' }
  | { state: 'running'; name: string; doneBytes: number; totalBytes: number }
  | { state: 'done'; name: string; outcome: ReplayOutcome }
  | { state: 'failed'; name: string; message: string }

/** What is replayed; where it comes from the hub, it is fetched first. */
export type Recorded = { recording: Blob; golden?: FlowGolden | undefined }

export function useReplay(flow: Flow) {
  const [replay, setReplay] = useState<Replay>({ state: 'idle' })
  const running = useRef<AbortController>(undefined)
  const stop = useCallback(() => {
    running.current?.abort()
    setReplay({ state: 'idle' })
  }, [])
  useEffect(() => () => running.current?.abort(), [])
  const start = useCallback(
    (name: string, open: (signal: AbortSignal) => Promise<Recorded>) => {
      running.current?.abort()
      const controller = new AbortController()
      running.current = controller
      const tell = (said: Replay) => controller.signal.aborted || setReplay(said)
      tell({ state: 'running', name, doneBytes: 0, totalBytes: 0 })
      run({ flow, open, signal: controller.signal }, (doneBytes, totalBytes) =>
        tell({ state: 'running', name, doneBytes, totalBytes }),
      ).then(
        (outcome) => tell({ state: 'done', name, outcome }),
        (error: unknown) =>
          tell({ state: 'failed', name, message: error instanceof Error ? error.message : String(error) }),
      )
    },
    [flow],
  )
  return { replay, start, stop }
}

type Run = { flow: Flow; open: (signal: AbortSignal) => Promise<Recorded>; signal: AbortSignal }

async function run({ flow, open, signal }: Run, onBytes: (done: number, total: number) => void) {
  const { recording, golden } = await open(signal)
  const total = recording.size
  if (total > REPLAY_BYTES_MAX) throw new Error(words.tooLarge(sizeText(total), sizeText(REPLAY_BYTES_MAX)))
  onBytes(0, total)
  return inThread({ flow, recording, golden }, (done) => onBytes(done, total), signal)
}

async function inThread(order: ReplayOrder, onBytes: (done: number) => void, signal: AbortSignal) {
  signal.throwIfAborted()
  const worker = new Worker(new URL('./replay-worker.ts', import.meta.url), { type: 'module' })
  const { promise, resolve, reject } = Promise.withResolvers<ReplayOutcome>()
  worker.addEventListener('message', ({ data }: MessageEvent<ReplaySaid>) => {
    if (data.kind === 'progress') onBytes(data.doneBytes)
    if (data.kind === 'done') resolve(data.outcome)
    if (data.kind === 'failed') reject(new Error(data.message))
  })
  worker.addEventListener('error', (event) => {
    event.preventDefault()
    reject(new Error(event.message || words.failed))
  })
  const timer = setTimeout(() => reject(new Error(words.tooLong(MINUTES_MAX))), MINUTES_MAX * 60_000)
  const onStop = () => reject(signal.reason)
  signal.addEventListener('abort', onStop, { once: true })
  try {
    worker.postMessage(order)
    return await promise
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', onStop)
    worker.terminate()
  }
}
