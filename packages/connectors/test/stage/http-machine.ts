/** A machine that speaks HTTP, by Python's own server. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

export const hasPython = spawnSync('/usr/bin/python3', ['--version'], { stdio: 'ignore' }).error === undefined

export type HttpMachine = AsyncDisposable & { url: string; process: ChildProcess }

export async function startHttpMachine(): Promise<HttpMachine> {
  const script = join(import.meta.dirname, 'http-machine.py')
  const machine = spawn('/usr/bin/python3', [script], { stdio: ['ignore', 'pipe', 'ignore'] })
  const [port] = await once(machine.stdout, 'data')
  return {
    url: `http://127.0.0.1:${String(port).trim()}`,
    process: machine,
    async [Symbol.asyncDispose]() {
      if (machine.exitCode !== null || machine.signalCode !== null) return
      const ended = once(machine, 'exit')
      machine.kill('SIGKILL')
      await ended
    },
  }
}
