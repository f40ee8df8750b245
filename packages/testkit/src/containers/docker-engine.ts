/**
 * Docker engine: a daemon of the test's own, in its own folder, that changes nothing of the machine's network and knows
 * no registry.
 */
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { isInstalled } from '../judges/judge.ts'
import { until } from '../until.ts'

export type DockerEngine = AsyncDisposable & {
  /** The path of its Unix socket. */
  socket: string
  docker(...args: string[]): Promise<string>
  /** Ends the daemon at once. Its containers end with it, unless it has live restore. */
  kill(): Promise<void>
  /** Starts it again, with the same folder. */
  start(): Promise<void>
}

/** Containers need root, and control groups that may be written. */
export const hasDocker =
  process.getuid?.() === 0 && isInstalled('dockerd', '--version') && isInstalled('docker', 'buildx', 'version')

/** Networks of their own work without rules of the machine: names resolve, and ports are published on loopback. */
const QUIET = ['--bridge=none', '--iptables=false', '--ip6tables=false', '--ip-forward=false']

/** Starts one; a second or two. Everything that it made goes with it. `flags` are further options of the daemon. */
export async function startDockerEngine(...flags: string[]): Promise<DockerEngine> {
  const folder = mkdtempSync(join(tmpdir(), 'skerry-docker-'))
  const socket = join(folder, 'docker.sock')
  const host = `unix://${socket}`
  const places = ['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec')]
  const logFile = openSync(join(folder, 'log'), 'a')
  const run = promisify(execFile)
  const docker = async (...args: string[]) => (await run('docker', ['--host', host, ...args])).stdout
  const isUp = () => spawnSync('docker', ['--host', host, 'info'], { stdio: 'ignore' }).status === 0
  const begin = async () => {
    // A killed daemon leaves the file, and the next one takes the number in it for a daemon that runs.
    rmSync(join(folder, 'pid'), { force: true })
    const options = [...places, ...QUIET, ...flags, '--pidfile', join(folder, 'pid'), '--host', host]
    const started = spawn('dockerd', options, { stdio: ['ignore', logFile, logFile] })
    const look = () => {
      if (started.exitCode !== null) throw new Error(`dockerd ended; see ${join(folder, 'log')}`)
      return existsSync(socket) && isUp()
    }
    await until(look, { what: 'dockerd to answer', everyMs: 100 })
    return started
  }
  let daemon = await begin()
  return {
    socket,
    docker,
    kill: () => end(daemon, 'SIGKILL'),
    async start() {
      daemon = await begin()
    },
    async [Symbol.asyncDispose]() {
      if (daemon.exitCode !== null || daemon.signalCode !== null) daemon = await begin()
      const left = (await docker('ps', '--all', '--quiet')).split('\n').filter(Boolean)
      if (left.length > 0) await docker('rm', '--force', '--volumes', ...left)
      // The bridge of a network stays on the machine when the daemon has gone.
      await docker('network', 'prune', '--force')
      await end(daemon, 'SIGTERM')
      // The network namespaces of containers stay mounted when the daemon has gone.
      for (const path of mountsBelow(folder)) spawnSync('umount', [path])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function end(daemon: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (daemon.exitCode !== null || daemon.signalCode !== null) return
  const ended = once(daemon, 'exit')
  daemon.kill(signal)
  await ended
}

const mountsBelow = (folder: string): string[] =>
  readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((path) => path.startsWith(`${folder}/`))
    .reverse()
