/** Growing file: JSON lines that somebody goes on writing, one every few milliseconds; every second one has a second value. */
import { appendFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export type GrowingFile = AsyncDisposable & { path: string }

const EVERY_MS = 10

export async function startGrowingFile(): Promise<GrowingFile> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-growing-'))
  const path = join(folder, 'log.jsonl')
  const stop = new AbortController()
  const grow = async () => {
    for (let line = 0; !stop.signal.aborted; line += 1) {
      const deep = line % 2 === 0 ? { sensor: 59_993 } : {}
      await appendFile(path, `${JSON.stringify({ steady: 3.25, deep })}\n`)
      await sleep(EVERY_MS)
    }
  }
  await appendFile(path, '')
  const growing = grow()
  return {
    path,
    async [Symbol.asyncDispose]() {
      stop.abort()
      await growing
      await rm(folder, { recursive: true, force: true })
    },
  }
}
