/**
 * Webhook peer: Python's own HTTP server. It checks token and signature, and writes each document to the disk before it
 * answers.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@skerry/testkit/free-port'
import { ANSWER_MS } from './sink-limits.ts'
import type { SinkPeer } from './sink-peers.ts'

const SCRIPT = join(import.meta.dirname, 'webhook-receiver.py')

const password = 'pw-for-tests-only'
const secret = { secret: 'password' }

export async function startWebhookPeer(): Promise<SinkPeer> {
  const folder = mkdtempSync(join(tmpdir(), 'skerry-receiver-'))
  const file = join(folder, 'numbers')
  writeFileSync(file, '')
  const port = await freePort()
  let server: ChildProcess | undefined
  const peer: SinkPeer = {
    draft: {
      protocol: 'webhook',
      connection: { url: `http://127.0.0.1:${port}/values`, bearer: secret, signature: secret, timeoutMs: ANSWER_MS },
    },
    password,
    // If the server was killed within a line, it has not confirmed that line.
    numbers: async () => readFileSync(file, 'utf8').split('\n').slice(0, -1).map(Number),
    async kill() {
      const ended = server && once(server, 'exit')
      server?.kill('SIGKILL')
      await ended
      server = undefined
    },
    async start() {
      const started = spawn('/usr/bin/python3', [SCRIPT, String(port), file, password], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      server = started
      await once(started.stdout, 'data')
    },
    freeze: () => void server?.kill('SIGSTOP'),
    thaw: () => void server?.kill('SIGCONT'),
    async [Symbol.asyncDispose]() {
      await peer.kill()
      rmSync(folder, { recursive: true })
    },
  }
  await peer.start()
  return peer
}
