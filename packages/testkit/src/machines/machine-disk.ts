/**
 * Machine disk: the disk of a virtual machine with Debian, systemd and nothing of ours. It is made once for a computer
 * and kept in a cache, because Debian's packages take a minute.
 */
import { execFile, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The second disk of a machine has `run.sh`, which root runs once, at the first start. */
const PAYLOAD_UNIT = `[Unit]
Description=The payload of a test
ConditionPathExists=!/var/lib/payload-done
After=local-fs.target systemd-networkd.service

[Service]
Type=oneshot
ExecStart=/bin/sh -c 'mkdir -p /payload && mount -o ro /dev/vdb /payload && sh -eux /payload/run.sh && touch /var/lib/payload-done && sync && echo payload-done'
StandardOutput=journal+console
StandardError=journal+console
`

/** [QEMU, user networking] The guest is 10.0.2.15, and the computer of the test is 10.0.2.2. */
const NETWORK = `[Match]
Type=ether

[Network]
Address=10.0.2.15/24
Gateway=10.0.2.2
`

const FILES: Readonly<Record<string, string>> = {
  'etc/systemd/system/payload.service': PAYLOAD_UNIT,
  'etc/systemd/network/10-lan.network': NETWORK,
  'etc/hostname': 'machine\n',
}

const WANTED: Readonly<Record<string, string>> = {
  'payload.service': '../payload.service',
  'systemd-networkd.service': '/usr/lib/systemd/system/systemd-networkd.service',
}

/** Changed files above or other packages need another disk. */
const FORM = 1

const SUITE = 'trixie'
const PACKAGES = ['systemd', 'systemd-sysv', 'linux-image-cloud-amd64', 'dbus', 'iproute2', 'libstdc++6']

/** Room for Debian, the agent and some of its versions. The file is sparse. */
const DISK_SIZE = '4G'

export type MachineDisk = { kernel: string; initrd: string; disk: string }

/** Whether this computer can build the disk and run the machine. mmdebstrap makes the files of root only as root. */
export function canRunMachines(): boolean {
  const programs = [
    ['mmdebstrap', '--version'],
    ['qemu-system-x86_64', '--version'],
    ['qemu-img', '--version'],
    ['mke2fs', '-V'],
  ]
  const hasPrograms = programs.every(([program = '', word = '']) => spawnSync(program, [word]).status === 0)
  return process.arch === 'x64' && process.getuid?.() === 0 && hasPrograms
}

/** The disk of the cache, or a new one. */
export async function machineDisk(cache: string): Promise<MachineDisk> {
  const folder = join(cache, `machine-${SUITE}-${FORM}`)
  if (!existsSync(folder)) {
    const work = await mkdtemp(join(tmpdir(), 'skerry-machine-'))
    try {
      await buildDisk(work)
      await mkdir(cache, { recursive: true })
      await run('cp', ['-r', '--sparse=always', join(work, 'machine'), `${folder}.new`])
      await rename(`${folder}.new`, folder)
    } finally {
      await rm(work, { recursive: true, force: true })
    }
  }
  return { kernel: join(folder, 'kernel'), initrd: join(folder, 'initrd'), disk: join(folder, 'disk') }
}

async function buildDisk(work: string): Promise<void> {
  const [root, target] = [join(work, 'root'), join(work, 'machine')]
  await mkdir(target)
  await run('mmdebstrap', ['--variant=minbase', `--include=${PACKAGES.join(',')}`, SUITE, root], { cwd: work })
  for (const [path, text] of Object.entries(FILES)) await put(join(root, path), text)
  for (const [name, place] of Object.entries(WANTED)) {
    const wants = join(root, 'etc/systemd/system/multi-user.target.wants')
    await mkdir(wants, { recursive: true })
    await symlink(place, join(wants, name)).catch(() => {})
  }
  const boot = await readdir(join(root, 'boot'))
  for (const [name, prefix] of [
    ['kernel', 'vmlinuz-'],
    ['initrd', 'initrd.img-'],
  ] as const) {
    const found = boot.find((file) => file.startsWith(prefix))
    if (found === undefined) throw new Error(`Debian installed no ${prefix} into the disk of the machine`)
    await rename(join(root, 'boot', found), join(target, name))
  }
  await run('mke2fs', ['-q', '-t', 'ext4', '-d', root, join(target, 'disk'), DISK_SIZE])
}

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
  await chmod(path, 0o644)
}
