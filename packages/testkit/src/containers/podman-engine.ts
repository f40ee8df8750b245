/** Podman engine: the Docker-compatible API of Podman, with storage and settings of the test's own. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { isInstalled } from '../judges/judge.ts'
import { until } from '../until.ts'

export type PodmanEngine = AsyncDisposable & {
  /** The path of its Unix socket. */
  socket: string
  podman(...args: string[]): Promise<string>
}

/** Containers need root, and a runtime that accepts both versions of control groups. */
export const hasPodman: boolean =
  process.getuid?.() === 0 && isInstalled('podman', '--version') && isInstalled('runc', '--version')

/** [containers.conf(5)] Without systemd, with logs and events in files, and with limits that a container may set. */
const SETTINGS = `[containers]
default_ulimits=["nofile=4096:4096","nproc=4096:4096"]
[engine]
runtime="runc"
cgroup_manager="cgroupfs"
events_logger="file"
[network]
firewall_driver="nftables"
`

/** Starts the service; a second or two. Everything that it made goes with it. */
export async function startPodmanEngine(): Promise<PodmanEngine> {
  const folder = mkdtempSync(join(tmpdir(), 'skerry-podman-'))
  const socket = join(folder, 'podman.sock')
  writeFileSync(join(folder, 'containers.conf'), SETTINGS)
  writeFileSync(join(folder, 'registries.conf'), '')
  const env = {
    ...process.env,
    CONTAINERS_CONF: join(folder, 'containers.conf'),
    CONTAINERS_REGISTRIES_CONF: join(folder, 'registries.conf'),
    PODMAN_IGNORE_CGROUPSV1_WARNING: '1',
    TMPDIR: folder,
  }
  const places = ['--root', join(folder, 'root'), '--runroot', join(folder, 'run'), '--storage-driver', 'vfs']
  const run = promisify(execFile)
  const podman = async (...args: string[]) => (await run('podman', [...places, ...args], { env })).stdout
  const log = openSync(join(folder, 'log'), 'a')
  const options = [...places, 'system', 'service', '--time=0', `unix://${socket}`]
  const service = spawn('podman', options, { env, stdio: ['ignore', log, log] })
  await until(
    () => {
      if (service.exitCode !== null) throw new Error(`podman ended; see ${join(folder, 'log')}`)
      return existsSync(socket)
    },
    { what: 'podman to answer', everyMs: 100 },
  )
  return {
    socket,
    podman,
    async [Symbol.asyncDispose]() {
      await podman('rm', '--all', '--force', '--volumes', '--time', '0')
      await podman('network', 'prune', '--force')
      const ended = once(service, 'exit')
      service.kill('SIGTERM')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
