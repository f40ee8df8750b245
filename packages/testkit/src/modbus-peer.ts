/** Modbus peer: a server whose protocol is Debian's libmodbus, compiled for the test that asks for it. Its registers are listed in its source. */
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { freePort } from './free-port.ts'

const SOURCE = fileURLToPath(new URL('../peers/modbus-server.c', import.meta.url))

/** Whether this machine has what it is built of. Tests that need it are skipped where it has not. */
export const hasModbus = spawnSync('pkg-config', ['--exists', 'libmodbus'], { stdio: 'ignore' }).status === 0

export type ModbusPeer = AsyncDisposable & {
  port: number
  /** Ends it without a word, as a PLC that loses its power. */
  kill(): Promise<void>
  /** Starts it again, on the same port. */
  start(): Promise<void>
  /** Holds it still: connections stay open, and nothing is answered. */
  freeze(): void
  thaw(): void
}

/** Builds and starts one on a free port. */
export async function startModbus(): Promise<ModbusPeer> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-modbus-'))
  const program = join(folder, 'modbus-server')
  const { stdout } = await promisify(execFile)('pkg-config', ['--cflags', '--libs', 'libmodbus'])
  await promisify(execFile)('gcc', ['-O2', '-o', program, SOURCE, ...stdout.trim().split(/\s+/)])
  const port = await freePort()
  let server: ChildProcess | undefined
  const peer: ModbusPeer = {
    port,
    async start() {
      server = spawn(program, [String(port)], { stdio: ['ignore', 'pipe', 'inherit'] })
      if (server.stdout) await once(server.stdout, 'data')
    },
    async kill() {
      if (!server || server.exitCode !== null || server.signalCode !== null) return
      const ended = once(server, 'exit')
      server.kill('SIGKILL')
      await ended
    },
    freeze: () => void server?.kill('SIGSTOP'),
    thaw: () => void server?.kill('SIGCONT'),
    async [Symbol.asyncDispose]() {
      await peer.kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
  await peer.start()
  return peer
}
