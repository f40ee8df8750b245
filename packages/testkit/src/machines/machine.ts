/**
 * Machine: a virtual machine with Debian and systemd. A test restarts it, and cuts its power: then all that its kernel
 * has not written to the disk is lost. The disk also loses writes that it has acknowledged and not flushed. [QEMU, qcow2]
 * The places of new clusters stay in the memory of QEMU until the guest flushes the disk.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { PATIENCE_MS } from '../patience.ts'
import { until } from '../until.ts'
import type { MachineDisk } from './machine-disk.ts'
import { machineEngine } from './machine-engine.ts'

const run = promisify(execFile)

export type MachineWish = {
  disk: MachineDisk
  /** A folder with `run.sh`. The machine sees it as `/payload` when root runs the script, once. */
  payload: string
  /** The folder of its files. */
  folder: string
  /** Ports of this computer that lead to a port of the machine. */
  forwards: readonly { from: number; to: number }[]
}

export type Machine = {
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

/** Megabytes: the models and two agents need some 600. */
const MEMORY_MB = 1_536

/** Makes the machine, and starts it. */
export async function startMachine({ disk, payload, folder, forwards }: MachineWish): Promise<Machine> {
  await mkdir(folder, { recursive: true })
  const [own, second] = [join(folder, 'disk.qcow2'), join(folder, 'payload')]
  await run('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', disk.disk, '-F', 'raw', own])
  await run('mke2fs', ['-q', '-t', 'ext4', '-d', payload, second, '1G'])
  const engine = await machineEngine(disk, folder)
  const monitor = join(folder, 'monitor')
  const network = forwards.map(({ from, to }) => `hostfwd=tcp:127.0.0.1:${from}-:${to}`)
  let [child, starts]: [ChildProcess | undefined, number] = [undefined, 0]
  const consolePath = (turn: number) => join(folder, `console-${turn}.log`)
  const ended = async () => {
    if (child && child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }
  const machine: Machine = {
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
      const words = [
        ...engine.words,
        ...['-m', String(MEMORY_MB), '-display', 'none', '-nodefaults'],
        ...['-serial', `file:${consolePath(starts)}`, '-monitor', `unix:${monitor},server,nowait`],
        ...['-nic', ['user', 'model=virtio-net-pci', ...network].join(',')],
        ...['-kernel', disk.kernel, '-initrd', disk.initrd, '-append', 'root=/dev/vda rw console=ttyS0 quiet'],
        ...['-drive', `file=${own},if=virtio,format=qcow2`, '-drive', `file=${second},if=virtio,format=raw`],
      ]
      child = spawn('qemu-system-x86_64', words, { stdio: ['ignore', 'ignore', 'inherit'] })
    },
  }
  await machine.start()
  return machine
}

/** Waits until root has run the script of the payload. */
export const payloadDone = (machine: Machine): Promise<true> =>
  until(async () => (await machine.console()).includes('payload-done') || undefined, {
    what: 'the script of the machine has run',
    patienceMs: 2 * PATIENCE_MS * machine.slowness,
    everyMs: 500,
  })

/** [QEMU, monitor] One command as a line. */
async function order(monitor: string, command: string): Promise<void> {
  const socket = createConnection(monitor)
  await once(socket, 'connect')
  socket.end(`${command}\n`)
  socket.resume()
  await once(socket, 'close')
}
