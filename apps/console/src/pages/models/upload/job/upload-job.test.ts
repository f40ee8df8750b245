import { ProblemError } from '@skerry/client/problem'
import type { BlobToSend } from '@skerry/client/upload-blob'
import type { PushReply, PushRequest, Upload } from '@skerry/contract/models/model'
import { Digest } from '@skerry/contract/values/digest'
import { expect, test } from 'vitest'
import { UnreadableFile } from '../unreadable-file.ts'
import { type JobState, type JobTools, startUpload, type UploadJob } from './upload-job.ts'

const digestOf = (text: string) => Digest.parse(`sha256:${text.length.toString(16).padStart(64, '0')}`)
const away = () => new ProblemError({ code: 'hub_unreachable', message: 'the hub does not answer', status: 0 })
const refusal = (code: string) => new ProblemError({ code, message: code, status: 422 })

/** A hub that keeps blobs by digest, and fails as it is told. */
function fakeTools(change: Partial<JobTools> = {}) {
  const log: string[] = []
  let nowMs = 0
  const tools: JobTools = {
    async digestOf(file, onProgress) {
      log.push(`hash ${file.name}`)
      onProgress(file.size)
      return digestOf(await file.text())
    },
    async upload({ digest, sizeBytes, onProgress }: BlobToSend, signal): Promise<Upload> {
      signal.throwIfAborted()
      log.push(`send ${sizeBytes}`)
      nowMs += 1_000
      onProgress?.(0)
      nowMs += 1_000
      onProgress?.(sizeBytes)
      return { id: 'upl_aaaaaaaa' as Upload['id'], digest, sizeBytes, offsetBytes: sizeBytes, done: true }
    },
    async push(request: PushRequest): Promise<PushReply> {
      log.push(`push ${request.files.map(({ path }) => path).join(' ')}`)
      return { created: true } as PushReply
    },
    giveUp: async ({ sizeBytes }) => void log.push(`give up ${sizeBytes}`),
    delayMs: () => 0,
    wait: async () => void log.push('wait'),
    nowMs: () => nowMs,
    ...change,
  }
  return { tools, log }
}

const request = { model: 'm', labels: {}, aliases: [] }
const files = [
  { path: 'model.onnx', file: new File(['model'], 'a.onnx') },
  { path: 'w.bin', file: new File(['weights'], 'w.bin') },
]

const until = (job: UploadJob, isThere: (state: JobState) => boolean) =>
  new Promise<JobState>((resolve) => {
    const look = () => {
      if (!isThere(job.getState())) return
      stop()
      resolve(job.getState())
    }
    const stop = job.subscribe(look)
    look()
  })

test('hashes, sends and pushes, and says how far it is', async () => {
  const { tools, log } = fakeTools()
  const job = startUpload({ files, request }, tools)
  const state = await until(job, ({ phase }) => phase === 'done')
  expect(log).toEqual(['hash a.onnx', 'hash w.bin', 'send 5', 'send 7', 'push model.onnx w.bin'])
  expect(state.reply).toEqual({ created: true })
  expect(state.files.map(({ sentBytes, hashedBytes }) => [sentBytes, hashedBytes])).toEqual([
    [5, 5],
    [7, 7],
  ])
})

test('a hub that goes away while it checks is asked again', async () => {
  let failures = 2
  const { tools, log } = fakeTools({
    push: async () => {
      if (failures-- > 0) throw away()
      return { created: false } as PushReply
    },
  })
  const seen: (string | undefined)[] = []
  const job = startUpload({ files, request }, tools)
  job.subscribe(() => seen.push(job.getState().trouble?.code))
  const state = await until(job, ({ phase }) => phase === 'done')
  expect(seen).toContain('hub_unreachable')
  expect(state.trouble).toBeUndefined()
  expect(log.filter((line) => line === 'wait')).toHaveLength(2)
})

test('a refusal stays, and trying again hashes nothing anew', async () => {
  let isRefusing = true
  const { tools, log } = fakeTools({
    push: async () => {
      if (isRefusing) throw refusal('golden_timeout')
      return { created: true } as PushReply
    },
  })
  const job = startUpload({ files, request }, tools)
  expect((await until(job, ({ phase }) => phase === 'refused')).problem?.code).toBe('golden_timeout')
  isRefusing = false
  job.resume()
  await until(job, ({ phase }) => phase === 'done')
  expect(log.filter((line) => line.startsWith('hash'))).toHaveLength(2)
  expect(job.getState().problem).toBeUndefined()
})

test('a file that cannot be read through is a refusal in words', async () => {
  const { tools } = fakeTools({ digestOf: () => Promise.reject(new UnreadableFile('it changed')) })
  const job = startUpload({ files, request }, tools)
  expect((await until(job, ({ phase }) => phase === 'refused')).problem).toMatchObject({ code: 'file_unreadable' })
})

test('a pause stops it where it is, and going on ends it', async () => {
  let isHanging = true
  const { tools } = fakeTools()
  const { upload } = tools
  tools.upload = (blob, signal) => {
    if (!isHanging) return upload(blob, signal)
    blob.onProgress?.(2)
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  }
  const job = startUpload({ files, request }, tools)
  await until(job, (state) => state.files[0]?.sentBytes === 2)
  job.pause()
  expect(job.getState()).toMatchObject({ phase: 'uploading', isPaused: true })
  isHanging = false
  job.resume()
  expect(await until(job, ({ phase }) => phase === 'done')).toMatchObject({ isPaused: false })
})

test('giving up frees what the hub holds of files that are not whole', async () => {
  const { tools, log } = fakeTools()
  const { upload } = tools
  tools.upload = (blob, signal) =>
    blob.sizeBytes === 5
      ? upload(blob, signal)
      : new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  const job = startUpload({ files, request }, tools)
  await until(job, (state) => state.files[0]?.sentBytes === 5)
  await job.cancel()
  expect(log.at(-1)).toBe('give up 7')
})

test('trouble on the way is shown while it lasts', async () => {
  const { tools } = fakeTools()
  const { upload } = tools
  tools.upload = async (blob, signal) => {
    blob.onTrouble?.(away().problem)
    return upload(blob, signal)
  }
  const seen = new Set<string | undefined>()
  const job = startUpload({ files, request }, tools)
  job.subscribe(() => seen.add(job.getState().trouble?.code))
  const state = await until(job, ({ phase }) => phase === 'done')
  expect(seen).toEqual(new Set([undefined, 'hub_unreachable']))
  expect(state.trouble).toBeUndefined()
})
