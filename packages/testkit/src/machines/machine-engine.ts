/**
 * Machine engine: how QEMU runs the machine. The processor does it where it can. A virtual computer often offers
 * /dev/kvm without being able to start a kernel on it, so a short trial decides; then QEMU emulates the processor.
 */
import { execFile, spawn } from 'node:child_process'
import { access, constants, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { until } from '../until.ts'
import type { MachineDisk } from './machine-disk.ts'

const run = promisify(execFile)

export type MachineEngine = { words: readonly string[]; slowness: number }

/** The processors of some hosts announce a register that a machine in a machine cannot set. */
const VIRTUAL: MachineEngine = { words: ['-accel', 'kvm', '-cpu', 'host,-arch-capabilities'], slowness: 1 }

/** Measured: Debian starts in 82 s instead of 6 s. */
const EMULATED: MachineEngine = { words: ['-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', '2'], slowness: 12 }

/** The kernel prints its first line within a second. */
const TRIAL_MS = 20_000

export async function machineEngine(disk: Pick<MachineDisk, 'kernel'>, folder: string): Promise<MachineEngine> {
  const hasKvm = await access('/dev/kvm', constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  )
  return hasKvm && (await startsKernel(disk, join(folder, 'trial.log'))) ? VIRTUAL : EMULATED
}

/** The engine of an image, whose own kernel makes the trial. Slot A is the second partition. */
export async function imageEngine({ image, folder }: { image: string; folder: string }): Promise<MachineEngine> {
  const kernel = join(folder, 'kernel')
  const { stdout } = await run('sfdisk', ['--json', image])
  const { partitiontable: table } = JSON.parse(stdout)
  const source = `${image}?offset=${table.partitions[1].start * SECTOR_BYTES}`
  const { stdout: names } = await run('debugfs', ['-R', 'ls -p /boot', source])
  const [, name = ''] = /\/(vmlinuz-[^/]+)\//.exec(names) ?? []
  await run('debugfs', ['-R', `dump /boot/${name} ${kernel}`, source])
  return machineEngine({ kernel }, folder)
}

const SECTOR_BYTES = 512

/** A kernel that cannot run stops QEMU's processor, with words on standard error. */
async function startsKernel({ kernel }: Pick<MachineDisk, 'kernel'>, consolePath: string): Promise<boolean> {
  const words = ['-m', '512', '-display', 'none', '-nodefaults', '-no-reboot', '-serial', `file:${consolePath}`]
  const line = 'console=ttyS0 panic=-1'
  const trial = spawn('qemu-system-x86_64', [...VIRTUAL.words, ...words, '-kernel', kernel, '-append', line], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let complaint = ''
  trial.stderr.on('data', (bytes: Buffer) => {
    complaint += bytes.toString()
  })
  const verdict = async () => {
    if (trial.exitCode !== null || complaint.includes('KVM internal error')) return { runs: false }
    const text = await readFile(consolePath, 'utf8').catch(() => '')
    return text.includes('Linux version') && { runs: true }
  }
  try {
    return (await until(verdict, { what: 'a line of the kernel', patienceMs: TRIAL_MS, everyMs: 100 })).runs
  } catch {
    return false
  } finally {
    trial.kill('SIGKILL')
    await rm(consolePath, { force: true })
  }
}
