/** Serial bridge: a serial line that is reached over a TCP port, and a port of loopback as a serial line, by socat: so that something may stand between. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../free-port.ts'
import { until } from '../until.ts'

export type SerialBridge = AsyncDisposable & {
  /** Leads to the line. */
  port: number
  /** Makes a line that leads to a port, and gives its path. */
  lead(to: number): Promise<string>
}

export async function openSerialBridge(path: string): Promise<SerialBridge> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-serial-'))
  const port = await freePort()
  const children: ChildProcess[] = []
  const socat = (...ends: string[]) => children.push(spawn('socat', ends, { stdio: 'ignore' }))
  socat(`tcp-listen:${port},bind=127.0.0.1,reuseaddr,fork`, `open:${path},raw,echo=0`)
  return {
    port,
    async lead(to) {
      const ours = join(folder, 'ours')
      // It may be there before the other listens.
      socat(`pty,raw,echo=0,link=${ours}`, `tcp:127.0.0.1:${to},retry=100,interval=0.1`)
      await until(() => existsSync(ours), { what: 'socat to make the port' })
      return ours
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(children.map(end))
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}
