/**
 * Machine: a virtual machine with Debian and systemd. A test restarts it, and cuts its power: then all that its kernel
 * has not written to the disk is lost. The disk also loses writes that it has acknowledged and not flushed. [QEMU, qcow2]
 * The places of new clusters stay in the memory of QEMU until the guest flushes the disk.
 */
import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { PATIENCE_MS } from '../patience.ts'
import { until } from '../until.ts'
import type { MachineDisk } from './machine-disk.ts'
import { machineEngine } from './machine-engine.ts'
import { type Forward, type MachineProcess, machineProcess, networkWords } from './machine-process.ts'

const run = promisify(execFile)

export type MachineWish = {
  disk: MachineDisk
  /** A folder with `run.sh`. The machine sees it as `/payload` when root runs the script, once. */
  payload: string
  /** The folder of its files. */
  folder: string
  forwards: readonly Forward[]
}

export type Machine = MachineProcess

/** Megabytes: the models and two agents need some 600. */
const MEMORY_MB = 1_536

/** Makes the machine, and starts it. */
export async function startMachine({ disk, payload, folder, forwards }: MachineWish): Promise<Machine> {
  await mkdir(folder, { recursive: true })
  const [own, second] = [join(folder, 'disk.qcow2'), join(folder, 'payload')]
  await run('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', disk.disk, '-F', 'raw', own])
  await run('mke2fs', ['-q', '-t', 'ext4', '-d', payload, second, '1G'])
  const engine = await machineEngine(disk, folder)
  const words = [
    ...['-m', String(MEMORY_MB)],
    ...networkWords(forwards),
    ...['-kernel', disk.kernel, '-initrd', disk.initrd, '-append', 'root=/dev/vda rw console=ttyS0 quiet'],
    ...['-drive', `file=${own},if=virtio,format=qcow2`, '-drive', `file=${second},if=virtio,format=raw`],
  ]
  const machine = machineProcess({ engine, folder, words })
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
