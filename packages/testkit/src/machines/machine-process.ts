/** Machine process: QEMU with a disk that outlives it. A test restarts the machine, and cuts its power. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { PATIENCE_MS } from '../patience.ts'
import { until } from '../until.ts'
import type { MachineEngine } from './machine-engine.ts'

export type MachineProcess = {
  /** How many times slower it is than this computer. */
  slowness: number
  /** Everything that the machine has printed since its first start. */
  console(): Promise<string>
  /** Presses the button. systemd stops the services, and the machine ends. */
  shutDown(): Promise<void>
  /** Ends the machine without a warning. */
  cutPower(): Promise<void>
  /** Starts it from its disk. */
  start(): Promise<void>
}

/** `words` are the disks, the network and the memory. */
export type ProcessWish = { engine: MachineEngine; folder: string; words: readonly string[] }

/** A machine that is not started yet. */
export function machineProcess({ engine, folder, words: own }: ProcessWish): MachineProcess {
  const monitor = join(folder, 'monitor')
  let [child, starts]: [ChildProcess | undefined, number] = [undefined, 0]
  const consolePath = (turn: number) => join(folder, `console-${turn}.log`)
  const ended = async () => {
    if (child && child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }
  return {
    slowness: engine.slowness,
    async console() {
      const turns = Array.from({ length: starts }, (_, index) => index + 1)
      const texts = await Promise.all(turns.map((turn) => readFile(consolePath(turn), 'utf8').catch(() => '')))
      return texts.join('\n')
    },
    async shutDown() {
      const end = ended()
      await order(monitor, 'system_powerdown')
      await until(() => child?.exitCode !== null || undefined, {
        what: 'the machine has shut down',
        patienceMs: PATIENCE_MS * engine.slowness,
        everyMs: 200,
      })
      await end
    },
    async cutPower() {
      const end = ended()
      child?.kill('SIGKILL')
      await end
    },
    async start() {
      starts += 1
      const serial = ['-serial', `file:${consolePath(starts)}`, '-monitor', `unix:${monitor},server,nowait`]
      const words = [...engine.words, ...own, '-display', 'none', '-nodefaults', ...serial]
      child = spawn('qemu-system-x86_64', words, { stdio: ['ignore', 'ignore', 'inherit'] })
    },
  }
}

/** Ports of this computer that lead to a port of the machine. */
export type Forward = { from: number; to: number }

/** [QEMU, user networking] The machine has the addresses of DHCP, and this computer is 10.0.2.2. */
export const networkWords = (forwards: readonly Forward[]): string[] => {
  const ports = forwards.map(({ from, to }) => `hostfwd=tcp:127.0.0.1:${from}-:${to}`)
  return ['-nic', ['user', 'model=virtio-net-pci', ...ports].join(',')]
}

/** [QEMU, monitor] One command as a line. */
async function order(monitor: string, command: string): Promise<void> {
  const socket = createConnection(monitor)
  await once(socket, 'connect')
  socket.end(`${command}\n`)
  socket.resume()
  await once(socket, 'close')
}
