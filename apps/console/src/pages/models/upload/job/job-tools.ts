/** Job tools: what an upload job needs of the world, in a browser. */
import { uploadBlob } from '@skerry/client/upload-blob'
import { backoffMs } from '@skerry/core/values/backoff'
import { connection, hub } from '../../../../hub/hub-client.ts'
import { digestOfFile } from './file-workers.ts'
import type { JobTools } from './upload-job.ts'

/** Somebody watches: a hub that is back should be noticed within seconds. */
const BACKOFF = { baseMs: 500, maxMs: 5_000 }

export const jobTools: JobTools = {
  digestOf: digestOfFile,
  upload: (blob, signal) => uploadBlob(connection, blob, signal),
  push: (request, signal) => hub.model.push(request, { signal }),
  async giveUp(blob) {
    const upload = await hub.upload.create(blob)
    if (!upload.done) await hub.upload.remove({ upload: upload.id })
  },
  delayMs: (attempt) => backoffMs(attempt, BACKOFF, Math.random()),
  wait: (ms, signal) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, ms)
      signal.addEventListener(
        'abort',
        () => {
          clearTimeout(timer)
          reject(signal.reason)
        },
        { once: true },
      )
    }),
  nowMs: () => performance.now(),
}
