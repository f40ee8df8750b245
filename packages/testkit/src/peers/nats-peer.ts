/** NATS peer: Debian's nats-server with JetStream in a folder of its own, with a password, on a port of loopback. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../free-port.ts'
import { until } from '../until.ts'

/** Whether this machine has it. Tests that need it are skipped where it has not. */
export const hasNats = spawnSync('nats-server', ['--version'], { stdio: 'ignore' }).status === 0

export type NatsPeer = AsyncDisposable & {
  port: number
  user: string
  password: string
  kill(): Promise<void>
  start(): Promise<void>
  freeze(): void
  thaw(): void
}

const user = 'skerry'
const password = 'pw-for-tests-only'

/** `more`: what else it is started with. */
export async function startNats(more: readonly string[] = []): Promise<NatsPeer> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-nats-'))
  const port = await freePort()
  let server: ChildProcess | undefined
  const peer: NatsPeer = {
    port,
    user,
    password,
    async start() {
      const place = ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', folder]
      server = spawn('nats-server', [...place, '--user', user, '--pass', password, ...more], { stdio: 'ignore' })
      await until(() => listens(port), { what: 'nats-server to answer' })
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

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  const heard = await Promise.race([
    once(socket, 'data').then(() => true),
    once(socket, 'close').then(() => false),
  ]).catch(() => false)
  socket.destroy()
  return heard
}
