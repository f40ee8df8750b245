/** A program that posts JSON by curl, again and again, whether somebody listens or not. */
import { execFile, spawnSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { freePort } from '@skerry/testkit/free-port'

export const hasCurl = spawnSync('curl', ['--version'], { stdio: 'ignore' }).status === 0

export type Posted = { status: number; body: Record<string, unknown> }

/** What curl gets for it; the status is 0 where nobody answers. */
export async function post(url: string, body: string, ...more: string[]): Promise<Posted> {
  // Of two headers of one name the first counts.
  const about = [...more, '-s', '-m', '20', '-H', 'content-type: application/json', '-w', '\n%{http_code}', '-d', body]
  const { stdout } = await promisify(execFile)('curl', [...about, url]).catch(() => ({ stdout: '\n0' }))
  const [first = '', status = '0'] = [stdout.slice(0, stdout.lastIndexOf('\n')), stdout.split('\n').at(-1)]
  return { status: Number(status), body: first.trim().startsWith('{') ? JSON.parse(first) : {} }
}

const EVERY_MS = 5

/** On a free port; every second document has a second value. */
export async function startPoster(): Promise<AsyncDisposable & { port: number }> {
  const port = await freePort()
  const stop = new AbortController()
  const posting = (async () => {
    for (let number = 0; !stop.signal.aborted; number += 1) {
      const deep = number % 2 === 0 ? { sensor: 59_993 } : {}
      await post(`http://127.0.0.1:${port}/`, JSON.stringify({ steady: 3.25, deep }))
      await sleep(EVERY_MS)
    }
  })()
  return {
    port,
    async [Symbol.asyncDispose]() {
      stop.abort()
      await posting
    },
  }
}
