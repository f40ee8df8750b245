/**
 * Upload job: takes the files of one version to the hub and has them made a version. It goes on by itself over lost connections and a hub
 * that is restarted; a person can pause, go on and give up. What the hub holds is never sent again, whoever sent it.
 *
 *     hashing ─▶ uploading ─▶ checking ─▶ done        refused: the hub, or a file, said no. Going on tries again.
 *        └──────────┴────────────┴─ pause ⇄ go on
 */

import { isPassing, type Problem, problemOf } from '@skerry/client/problem'
import type { BlobToSend } from '@skerry/client/upload-blob'
import type { PushReply, PushRequest, Upload } from '@skerry/contract/models/model'
import type { Digest } from '@skerry/contract/values/digest'
import { UnreadableFile } from '../unreadable-file.ts'
import { addSample, rateOf, type Sample } from './transfer-rate.ts'

/** Some MiB: progress shows every few seconds on a slow line, and a fast one is hardly held up. */
const PIECE_BYTES = 2 * 1024 * 1024

export type JobFile = { path: string; file: File }

export type FileState = { path: string; sizeBytes: number; hashedBytes: number; sentBytes: number; digest?: Digest }

export type JobState = {
  phase: 'hashing' | 'uploading' | 'checking' | 'done' | 'refused'
  isPaused: boolean
  files: readonly FileState[]
  /** What is in the way now; it tries again. */
  trouble?: Problem | undefined
  /** Why it was refused. */
  problem?: Problem | undefined
  reply?: PushReply | undefined
  bytesPerSecond?: number | undefined
}

/** What the job needs of the world. */
export type JobTools = {
  digestOf(file: File, onProgress: (doneBytes: number) => void, signal: AbortSignal): Promise<Digest>
  upload(blob: BlobToSend, signal: AbortSignal): Promise<Upload>
  push(request: PushRequest, signal: AbortSignal): Promise<PushReply>
  /** Frees what the hub holds of a blob that is not whole. */
  giveUp(blob: { digest: Digest; sizeBytes: number }): Promise<void>
  delayMs(attempt: number): number
  wait(ms: number, signal: AbortSignal): Promise<void>
  nowMs(): number
}

export type UploadJob = {
  getState(): JobState
  subscribe(listener: () => void): () => void
  pause(): void
  /** Goes on after a pause, or tries again after a refusal. */
  resume(): void
  /** Stops for good, and has the hub forget what it holds of files that are not whole. */
  cancel(): Promise<void>
}

export type JobOrder = { files: readonly JobFile[]; request: Omit<PushRequest, 'files'> }

/** Begins at once. */
export function startUpload({ files, request }: JobOrder, tools: JobTools): UploadJob {
  const store = createStore({
    phase: 'hashing',
    isPaused: false,
    files: files.map(({ path, file }) => ({ path, sizeBytes: file.size, hashedBytes: 0, sentBytes: 0 })),
  })
  let controller = new AbortController()
  const run = async (signal: AbortSignal) => {
    try {
      const named = await bringFiles(files, store, tools, signal)
      const reply = await pushPatiently({ ...request, files: named }, { store, tools, signal })
      store.set({ phase: 'done', reply, trouble: undefined })
    } catch (error) {
      if (signal.aborted) return
      store.set({ phase: 'refused', problem: problemOfJob(error), trouble: undefined })
    }
  }
  void run(controller.signal)
  return {
    getState: store.get,
    subscribe: store.subscribe,
    pause() {
      controller.abort(new Error('paused'))
      store.set({ isPaused: true, trouble: undefined, bytesPerSecond: undefined })
    },
    resume() {
      controller.abort(new Error('begun again'))
      controller = new AbortController()
      store.set({ isPaused: false, problem: undefined })
      void run(controller.signal)
    },
    async cancel() {
      controller.abort(new Error('cancelled'))
      const open = store.get().files.filter(({ sentBytes, sizeBytes }) => sentBytes < sizeBytes)
      for (const { digest, sizeBytes } of open) if (digest) await tools.giveUp({ digest, sizeBytes })
    },
  }
}

type Store = ReturnType<typeof createStore>

function createStore(initial: JobState) {
  let state = initial
  const listeners = new Set<() => void>()
  const set = (change: Partial<JobState>) => {
    state = { ...state, ...change }
    for (const listener of listeners) listener()
  }
  return {
    get: () => state,
    set,
    setFile: (index: number, change: Partial<FileState>) =>
      set({ files: state.files.map((file, at) => (at === index ? { ...file, ...change } : file)) }),
    subscribe(listener: () => void) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

/** Hashes what has no digest yet, then sends what the hub lacks. */
async function bringFiles(
  files: readonly JobFile[],
  store: Store,
  tools: JobTools,
  signal: AbortSignal,
): Promise<PushRequest['files']> {
  store.set({ phase: 'hashing' })
  for (const [index, { file }] of files.entries()) {
    if (store.get().files[index]?.digest) continue
    const onProgress = (hashedBytes: number) => store.setFile(index, { hashedBytes })
    const digest = await tools.digestOf(file, onProgress, signal)
    store.setFile(index, { digest, hashedBytes: file.size })
  }
  store.set({ phase: 'uploading' })
  const named: PushRequest['files'] = []
  let samples: Sample[] = []
  for (const [index, { path, file }] of files.entries()) {
    const digest = store.get().files[index]?.digest
    if (!digest) throw new Error(`${path} has no digest`)
    let isFirst = true
    const onProgress = (sentBytes: number) => {
      store.setFile(index, { sentBytes })
      // What the hub had already was not moved now, and would make the line look quicker than it is.
      samples = addSample(isFirst ? [] : samples, { atMs: tools.nowMs(), bytes: sentBytes })
      isFirst = false
      store.set({ trouble: undefined, bytesPerSecond: rateOf(samples) ?? store.get().bytesPerSecond })
    }
    await tools.upload(blobOf({ file, digest }, { store, tools, onProgress }), signal)
    store.setFile(index, { sentBytes: file.size })
    named.push({ path, digest })
  }
  return named
}

type Sending = { store: Store; tools: JobTools; onProgress: (sentBytes: number) => void }

function blobOf({ file, digest }: { file: File; digest: Digest }, { store, tools, onProgress }: Sending): BlobToSend {
  return {
    digest,
    sizeBytes: file.size,
    source: (start) => file.slice(start).stream(),
    onProgress,
    onTrouble: (trouble) => store.set({ trouble, bytesPerSecond: undefined }),
    delayMs: tools.delayMs,
    attemptsMax: Number.POSITIVE_INFINITY,
    pieceBytes: PIECE_BYTES,
  }
}

/** Asks again while the hub is away: the same push twice is one version. */
async function pushPatiently(
  request: PushRequest,
  { store, tools, signal }: { store: Store; tools: JobTools; signal: AbortSignal },
): Promise<PushReply> {
  store.set({ phase: 'checking', trouble: undefined, bytesPerSecond: undefined })
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await tools.push(request, signal)
    } catch (error) {
      signal.throwIfAborted()
      const trouble = problemOf(error)
      if (!isPassing(trouble)) throw error
      store.set({ trouble })
      await tools.wait(tools.delayMs(attempt), signal)
    }
  }
}

/** [File API, error conditions] A file that changed since it was chosen cannot be read any more, and its browser calls that NotReadableError. */
function problemOfJob(error: unknown): Problem {
  const isUnreadable =
    error instanceof UnreadableFile || (error instanceof DOMException && error.name.startsWith('Not'))
  if (!isUnreadable) return problemOf(error)
  return { code: 'file_unreadable', message: error.message, status: 0 }
}
