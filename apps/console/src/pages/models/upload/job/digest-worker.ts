/** Digest worker: the sha256 of one file, piece by piece, in a thread of its own: a file of many gigabytes takes no memory and stops no page. */
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'

export type DigestReport =
  | { kind: 'progress'; doneBytes: number }
  | { kind: 'done'; hex: string }
  | { kind: 'failed'; message: string }

/** Ten times a second is smooth to the eye. */
const REPORT_MS = 100

const report = (said: DigestReport) => self.postMessage(said)

self.addEventListener('message', ({ data }: MessageEvent<File>) => {
  digest(data).catch((error: unknown) =>
    report({ kind: 'failed', message: error instanceof Error ? error.message : String(error) }),
  )
})

async function digest(file: File): Promise<void> {
  const hash = sha256.create()
  const reader = file.stream().getReader()
  let doneBytes = 0
  let reportedAtMs = 0
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    hash.update(next.value)
    doneBytes += next.value.length
    if (performance.now() - reportedAtMs < REPORT_MS) continue
    reportedAtMs = performance.now()
    report({ kind: 'progress', doneBytes })
  }
  report({ kind: 'done', hex: bytesToHex(hash.digest()) })
}
