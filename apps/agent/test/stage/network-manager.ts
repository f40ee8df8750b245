/**
 * NetworkManager as a process, in a network of its own: a veth pair leads to the other end, where a program listens. The
 * packages of Debian are unpacked into a folder and not installed, because an installed one would take over this machine.
 */
import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { until } from '@skerry/testkit/until'

const PACKAGES = ['network-manager', 'libnm0', 'libndp0', 'libmm-glib0', 'libbluetooth3', 'libteamdctl0', 'libnewt0.52']

/** The device's end and the other end. */
export const DEVICE = 'veth-device'
export const OTHER_ADDRESS = '192.0.2.1'

/** The folder with the unpacked programs; undefined if this machine cannot have them. */
export function networkManagerRoot(): string | undefined {
  const folder = join(tmpdir(), 'skerry-network-manager')
  const root = join(folder, 'root')
  if (existsSync(join(root, 'usr/bin/nmcli'))) return root
  if (process.getuid?.() !== 0 || spawnSync('apt-get', ['--version']).status !== 0) return undefined
  mkdirSync(folder, { recursive: true })
  if (spawnSync('apt-get', ['-qq', 'download', ...PACKAGES], { cwd: folder }).status !== 0) return undefined
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.deb'))) {
    if (spawnSync('dpkg', ['-x', file, root], { cwd: folder }).status !== 0) return undefined
  }
  return root
}

export type RunningManager = AsyncDisposable & {
  /** The environment in which nmcli and busctl reach this NetworkManager, and no other. */
  environment: NodeJS.ProcessEnv
  /** Runs a program in the network of the device, for some seconds at most. Returns its output and errors. */
  inside(...words: string[]): string
  /** The profiles on the disk. */
  kept(): string[]
}

/** Starts it below the folder. */
export async function startNetworkManager(root: string, folder: string): Promise<RunningManager> {
  const bus = join(folder, 'bus')
  const profiles = join(folder, 'profiles')
  const programs = join(folder, 'programs')
  for (const each of [profiles, programs]) mkdirSync(each)
  const libraries = join(root, 'usr/lib', libraryFolder(root))
  writeFileSync(join(folder, 'bus.conf'), busConfig(bus))
  writeFileSync(join(folder, 'manager.conf'), managerConfig(profiles))
  writeFileSync(join(folder, 'start.sh'), startScript(root, folder))
  const nmcli = join(programs, 'nmcli')
  writeFileSync(nmcli, `#!/bin/sh\nLD_LIBRARY_PATH=${libraries} exec ${root}/usr/bin/nmcli "$@"\n`)
  chmodSync(nmcli, 0o755)
  const environment = {
    PATH: [programs, process.env.PATH].join(delimiter),
    DBUS_SYSTEM_BUS_ADDRESS: `unix:path=${bus}`,
  }
  // A process group of its own, so that its end reaches all of its programs.
  const child = spawn('unshare', ['-n', '-m', 'bash', join(folder, 'start.sh')], {
    env: { ...environment, LD_LIBRARY_PATH: libraries },
    stdio: 'ignore',
    detached: true,
  })
  const nm = (...words: string[]) => spawnSync(nmcli, words, { env: environment, encoding: 'utf8' })
  await until(() => nm('-t', 'device').stdout.includes(`${DEVICE}:ethernet:disconnected`))
  return {
    environment,
    inside(...words) {
      const { stdout, stderr } = spawnSync('nsenter', ['-n', '-t', String(child.pid), ...words], {
        encoding: 'utf8',
        timeout: INSIDE_MS,
      })
      return `${stdout}${stderr}`
    },
    kept: () => readdirSync(profiles),
    async [Symbol.asyncDispose]() {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
      await until(() => child.exitCode !== null || child.signalCode !== null)
    },
  }
}

/** A network that leads nowhere gives no answer at all. */
const INSIDE_MS = 2_000

const libraryFolder = (root: string) =>
  readdirSync(join(root, 'usr/lib')).find((name) => name.endsWith('-linux-gnu')) ?? ''

const busConfig = (bus: string) => `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path=${bus}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow own="*"/><allow send_destination="*"/><allow receive_sender="*"/><allow user="*"/>
  </policy>
</busconfig>
`

const managerConfig = (profiles: string) => `[main]
plugins=keyfile
auth-polkit=false
no-auto-default=*
rc-manager=unmanaged
[keyfile]
path=${profiles}
[device]
match-device=*
managed=1
`

/**
 * Nothing of the machine is visible for writing: /run and /var/lib are empty, and /sys cannot be written, so that
 * NetworkManager does not wait for udev. The other end of the pair is in a network of its own.
 */
const startScript = (root: string, folder: string) => `set -e
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /var/lib
mount -t sysfs -o ro sysfs /sys
mkdir -p /run/NetworkManager
ip link set lo up
unshare -n sleep infinity &
other=$!
until [ "$(readlink /proc/$other/ns/net)" != "$(readlink /proc/$$/ns/net)" ]; do :; done
ip link add ${DEVICE} type veth peer name other
ip link set other netns $other
nsenter -n -t $other ip link set lo up
nsenter -n -t $other ip link set other up
nsenter -n -t $other ip addr add ${OTHER_ADDRESS}/24 dev other
dbus-daemon --config-file=${folder}/bus.conf --nofork --nopidfile &
until [ -S ${folder}/bus ]; do :; done
exec ${root}/usr/sbin/NetworkManager --no-daemon --config=${folder}/manager.conf --config-dir=/nonexistent \\
  --system-config-dir=/nonexistent --state-file=/run/NetworkManager/state --pid-file=/run/NetworkManager/pid
`
