/** Image machine: a computer with UEFI and one disk, which has the image of a whole system with its own boot loader. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { imageEngine } from './machine-engine.ts'
import { type Forward, type MachineProcess, machineProcess, networkWords } from './machine-process.ts'

const run = promisify(execFile)

/** [Debian, ovmf] The firmware, and its empty variables. */
const FIRMWARE = '/usr/share/OVMF/OVMF_CODE_4M.fd'
const VARIABLES = '/usr/share/OVMF/OVMF_VARS_4M.fd'

export const hasFirmware = (): boolean => existsSync(FIRMWARE)

/** Megabytes, as in small gateways. */
const MEMORY_MB = 1_536

export type ImageMachineWish = { image: string; folder: string; forwards: readonly Forward[] }

/** Writes go to a copy, so the image stays as it was made. The machine is not started yet. */
export async function imageMachine({ image, folder, forwards }: ImageMachineWish): Promise<MachineProcess> {
  await mkdir(folder, { recursive: true })
  const [disk, variables] = [join(folder, 'disk.qcow2'), join(folder, 'variables.fd')]
  await run('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', image, '-F', 'raw', disk])
  await copyFile(VARIABLES, variables)
  const words = [
    ...['-machine', 'q35', '-m', String(MEMORY_MB)],
    ...['-drive', `if=pflash,format=raw,unit=0,readonly=on,file=${FIRMWARE}`],
    ...['-drive', `if=pflash,format=raw,unit=1,file=${variables}`],
    ...networkWords(forwards),
    // A cut of the power loses all that the machine has not flushed.
    ...['-drive', `file=${disk},if=virtio,format=qcow2,cache=writeback`],
  ]
  return machineProcess({ engine: await imageEngine({ image, folder }), folder, words })
}
