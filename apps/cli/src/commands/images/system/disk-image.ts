/** Disk image: partitions and file systems of an image, in one sparse file. */
import { copyFile, mkdir, open, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { GRUB_SETTINGS, grubEnvironment } from '@skerry/core/os/image/boot-files'
import { type ImageLayout, type Partition, SECTOR_BYTES, sfdiskScript } from '@skerry/core/os/image/image-layout'
import { DATA_FOLDERS, TOKEN_IN_DATA } from '@skerry/core/os/image/system-files'
import type { Session } from '../../../program/session.ts'
import { type Call, runProgram } from './image-program.ts'
import { LOADER, type RootSystem } from './root-system.ts'

export type DiskWish = { work: string; layout: ImageLayout; root: RootSystem; token: string }

const KIB = 1_024

/** Gives the path of the finished disk inside the work folder. */
export async function makeDiskImage({ work, layout, root, token }: DiskWish, session: Session): Promise<string> {
  const disk = join(work, 'disk.img')
  const run = (call: Call) => runProgram(call, session.io.env, session.signal)
  const { efi, a, b, data } = layout.partitions
  // The image has the join token, so only its owner may read it.
  await using file = await open(disk, 'wx', 0o600)
  await file.truncate(layout.sizeBytes)
  await run({ program: 'sfdisk', words: ['--quiet', disk], input: sfdiskScript(layout) })
  await makeLoader(disk, efi, { work, root, run })
  await run(extCall(disk, a, root.folder))
  await run(extCall(disk, b, undefined))
  await run(extCall(disk, data, await dataFolder(work, token)))
  await file.sync()
  return disk
}

type LoaderDeps = Pick<DiskWish, 'work' | 'root'> & { run: (call: Call) => Promise<string> }

/** [UEFI 2.10, 3.5.1.1] The firmware starts this path on a disk that it does not know yet. */
async function makeLoader(disk: string, efi: Partition, { work, root, run }: LoaderDeps): Promise<void> {
  const tree = join(work, 'efi')
  const put = async (path: string, write: (target: string) => Promise<void>) => {
    const target = join(tree, path)
    await mkdir(dirname(target), { recursive: true })
    await write(target)
  }
  await put(`EFI/BOOT/${LOADER.shimName}`, (target) => copyFile(join(root.folder, LOADER.shim), target))
  await put(`EFI/BOOT/${LOADER.grubName}`, (target) => copyFile(join(root.folder, LOADER.grub), target))
  // The GRUB that Debian signs reads its settings from this folder.
  await put('EFI/debian/grub.cfg', (target) => writeFile(target, GRUB_SETTINGS))
  await put('skerry/grubenv', (target) => writeFile(target, grubEnvironment()))
  const start = String(efi.startBytes / SECTOR_BYTES)
  // One sector a cluster: FAT32 has a least number of clusters.
  const form = ['-F', '32', '-s', '1', '-n', 'SKERRY-EFI', '--offset', start]
  await run({ program: 'mkfs.vfat', words: [...form, disk, String(efi.sizeBytes / KIB)] })
  const at = `${disk}@@${efi.startBytes}`
  await run({ program: 'mcopy', words: ['-s', '-i', at, join(tree, 'EFI'), join(tree, 'skerry'), '::'] })
}

const extCall = (disk: string, { name, startBytes, sizeBytes }: Partition, folder: string | undefined): Call => ({
  program: 'mke2fs',
  words: [
    ...['-q', '-F', '-t', 'ext4', '-L', name, '-E', `offset=${startBytes},root_owner=0:0`],
    ...(folder === undefined ? [] : ['-d', folder]),
    disk,
    `${sizeBytes / KIB}k`,
  ],
})

/** Only the data partition has the token. */
async function dataFolder(work: string, token: string): Promise<string> {
  const folder = join(work, 'data')
  for (const name of DATA_FOLDERS) await mkdir(join(folder, name), { recursive: true })
  await writeFile(join(folder, TOKEN_IN_DATA), `${token}\n`, { mode: 0o600 })
  return folder
}
