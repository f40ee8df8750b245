/** Docker engine: a daemon of the test's own, in its own folder, that changes nothing of the machine's network and knows no registry. */
import { execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { isInstalled } from '@skerry/testkit/judges/judge'
import { until } from '@skerry/testkit/until'

export type DockerEngine = AsyncDisposable & { docker(...args: string[]): Promise<string> }

/** Containers need root, and control groups that may be written. */
export const hasDocker =
  process.getuid?.() === 0 && isInstalled('dockerd', '--version') && isInstalled('docker', 'buildx', 'version')

/** Starts one; a second or two. Everything that it made goes with it. */
export async function startDockerEngine(): Promise<DockerEngine> {
  const folder = mkdtempSync(join(tmpdir(), 'skerry-docker-'))
  const host = `unix://${join(folder, 'docker.sock')}`
  const places = ['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec')]
  const quiet = ['--bridge=none', '--iptables=false', '--ip6tables=false', '--ip-forward=false']
  const logFile = openSync(join(folder, 'log'), 'w')
  const daemon = spawn('dockerd', [...places, ...quiet, '--pidfile', join(folder, 'pid'), '--host', host], {
    stdio: ['ignore', logFile, logFile],
  })
  const run = promisify(execFile)
  const docker = async (...args: string[]) => (await run('docker', ['--host', host, ...args])).stdout
  const isUp = () => spawnSync('docker', ['--host', host, 'info'], { stdio: 'ignore' }).status === 0
  const look = () => {
    if (daemon.exitCode !== null) throw new Error(`dockerd ended; see ${join(folder, 'log')}`)
    return existsSync(join(folder, 'docker.sock')) && isUp()
  }
  await until(look, { what: 'dockerd to answer', everyMs: 100 })
  return {
    docker,
    async [Symbol.asyncDispose]() {
      const left = (await docker('ps', '--all', '--quiet')).split('\n').filter(Boolean)
      if (left.length > 0) await docker('rm', '--force', '--volumes', ...left)
      daemon.kill()
      await once(daemon, 'exit')
      // The network namespaces of containers stay mounted when the daemon has gone.
      for (const path of mountsBelow(folder)) spawnSync('umount', [path])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const mountsBelow = (folder: string): string[] =>
  readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((path) => path.startsWith(`${folder}/`))
    .reverse()
