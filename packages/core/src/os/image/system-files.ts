/**
 * System files: the files that make a plain Debian a system for two slots. The root file system is read only, so a slot has
 * the bytes of its bundle. The state of the device is on the data partition, which both slots share.
 */
import { EFI_MOUNT, GRUB_SETTINGS, raucSettings } from './boot-files.ts'
import { IDENTITY_FILES, MACHINE_ID_SERVICE } from './identity-files.ts'
import { SSH_FILES, SSH_KEY_SERVICE } from './ssh-files.ts'

export type SystemFile = { path: string; text: string; isProgram?: boolean }

/** Folders of the data partition, and the places where the system sees them. */
const SHARED: Readonly<Record<string, string>> = {
  agent: '/var/lib/skerry-agent',
  skerry: '/etc/skerry',
  system: '/var/lib/systemd',
  log: '/var/log',
}

/** The folders that the data partition of a new image has. */
export const DATA_FOLDERS: readonly string[] = [...Object.keys(SHARED), 'rauc']

/** The file of the join token on the data partition. A bundle never has it. */
export const TOKEN_IN_DATA = 'skerry/join-token'

/** The mount points must exist, because the root file system is read only. */
export const MOUNT_POINTS: readonly string[] = [EFI_MOUNT, '/data', ...Object.values(SHARED)]

export const SERVICES: readonly string[] = [
  'skerry-agent.service',
  'skerry-token-consumed.path',
  'skerry-slot-watch.timer',
  SSH_KEY_SERVICE,
  MACHINE_ID_SERVICE,
  'systemd-networkd.service',
  'systemd-resolved.service',
  'systemd-timesyncd.service',
]

/** They write the root file system, which is read only, or look for snapshots of LVM, which no image has. */
export const MASKED: readonly string[] = [
  'apt-daily.timer',
  'apt-daily-upgrade.timer',
  'dpkg-db-backup.timer',
  'e2scrub_all.timer',
  'e2scrub_reap.service',
  'grub-common.service',
  'sshd-keygen.service',
]

/** Debian packages of each image, besides the kernel and the wishes of a person. */
export const BASE_PACKAGES: readonly string[] = [
  'ca-certificates',
  'dbus',
  'e2fsprogs',
  'iproute2',
  'kmod',
  'libstdc++6',
  'passwd',
  'rauc',
  'rauc-service',
  'systemd',
  'systemd-resolved',
  'systemd-sysv',
  'systemd-timesyncd',
  'udev',
]

/** The loader and its shim are signed by Debian, so Secure Boot may stay on. */
export const LOADERS = {
  amd64: {
    packages: ['grub-efi-amd64-signed', 'shim-signed'],
    shim: '/usr/lib/shim/shimx64.efi.signed',
    grub: '/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed',
    shimName: 'BOOTX64.EFI',
    grubName: 'grubx64.efi',
    kernel: 'linux-image-amd64',
  },
} as const

const mountLines = Object.entries(SHARED).map(([folder, place]) => `/data/${folder} ${place} none bind 0 0`)

/**
 * [fstab(5)] `sync`: the loader reads the EFI system partition after a power cut. A slow computer needs more than the usual
 * 90 seconds to see its disk.
 */
const MOUNTS = `PARTLABEL=skerry-data /data ext4 defaults,nosuid,nodev,noatime,x-systemd.device-timeout=300 0 2
PARTLABEL=skerry-efi ${EFI_MOUNT} vfat umask=0077,sync,x-systemd.device-timeout=300 0 2
${mountLines.join('\n')}
tmpfs /var/tmp tmpfs mode=1777,nosuid,nodev 0 0
tmpfs /var/cache tmpfs mode=0755,nosuid,nodev 0 0
`

/** The address of the interface counts, because the first start has another machine id if its power is cut. */
const NETWORK = `[Match]
Type=ether

[Network]
DHCP=yes

[DHCPv4]
ClientIdentifier=mac
`

/**
 * RAUC and the restart demand root. Without capabilities, except that of the restart, and with the restrictions of its
 * unit, the agent cannot change the system otherwise.
 */
const AGENT_UNIT = `[Unit]
RequiresMountsFor=/var/lib/skerry-agent /etc/skerry

[Service]
User=root
CapabilityBoundingSet=CAP_SYS_BOOT
`

const TOKEN_PATH = `[Unit]
Description=Removes the join token after the device has joined

[Path]
PathExists=/var/lib/skerry-agent/data/identity.json

[Install]
WantedBy=multi-user.target
`

/** It stays active, because the path exists from then on. */
const TOKEN_SERVICE = `[Unit]
Description=Removes the join token

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/rm -f /etc/skerry/join-token
`

/** Minutes. The agent starts within one, and a slow disk needs its time for a check of the file system. */
const WATCH_MINUTES = 10

const WATCH_TIMER = `[Unit]
Description=Leaves a new system in which the agent does not start

[Timer]
OnBootSec=${WATCH_MINUTES}min
OnUnitInactiveSec=${WATCH_MINUTES}min

[Install]
WantedBy=timers.target
`

const WATCH_SERVICE = `[Unit]
Description=Restarts the machine if the agent has not started in a new system

[Service]
Type=oneshot
ExecStart=/usr/lib/skerry-image/slot-watch
`

/** The agent notes the boot in which it saw the new system. After some restarts without that, GRUB takes the other slot. */
const WATCH = `#!/bin/sh
set -eu
trial=/var/lib/skerry-agent/data/kinds/os/rauc-trial.json
[ -f "$trial" ] || exit 0
boot=$(cat /proc/sys/kernel/random/boot_id)
slot=$(sed -n 's/.*rauc\\.slot=\\([AB]\\).*/\\1/p' /proc/cmdline)
grep -q "\\"seenIn\\":\\"$boot\\"" "$trial" && exit 0
grep -q "\\"from\\":\\"$slot\\"" "$trial" && exit 0
echo 'skerry: the agent has not started in the new system; the machine restarts' >/dev/console
systemctl reboot
`

/** Nobody types at the console of a device in the field. A restart lets GRUB count. */
const EMERGENCY = `[Service]
Environment=
ExecStartPre=
ExecStart=
ExecStart=-/bin/sh -c 'echo "skerry: the system cannot start; the machine restarts" >/dev/console; sleep 20; systemctl --force reboot'
`

const OWNERS = `d /data/rauc 0755 root root
Z /data/skerry - root root
z /data/skerry/join-token 0600 root root
z /data/system 0755 root root
z /data/log 0755 root root
`

const LOGS = `[Journal]
Storage=persistent
SystemMaxUse=64M
`

/** The place of the check of the integrator, if the system has one. */
export const CHECK_PROGRAM = '/usr/lib/skerry-image/health-check'

export type SystemWish = {
  compatible: string
  keyring: string
  hostname: string
  agentOptions: string | undefined
  /** The system has a program at `CHECK_PROGRAM` that decides whether its slot is marked good. */
  hasCheck: boolean
}

/** All files that an image has besides those of Debian's packages. */
export function systemFiles({ compatible, keyring, hostname, agentOptions, hasCheck }: SystemWish): SystemFile[] {
  const unit = (name: string, text: string) => ({ path: `etc/systemd/system/${name}`, text })
  const check = hasCheck ? [`--os-check ${CHECK_PROGRAM}`] : []
  const options = ['--allow-os rauc,reboot', ...check, ...(agentOptions === undefined ? [] : [agentOptions])].join(' ')
  return [
    { path: 'etc/fstab', text: MOUNTS },
    { path: 'etc/hostname', text: `${hostname}\n` },
    { path: 'etc/machine-id', text: '' },
    { path: 'etc/default/skerry-agent', text: `SKERRY_OPTIONS=${options}\n` },
    { path: 'etc/rauc/system.conf', text: raucSettings(compatible) },
    { path: 'etc/rauc/keyring.pem', text: keyring },
    { path: 'etc/systemd/network/80-skerry.network', text: NETWORK },
    { path: 'etc/systemd/journald.conf.d/skerry.conf', text: LOGS },
    { path: 'etc/tmpfiles.d/skerry.conf', text: OWNERS },
    unit('skerry-agent.service.d/image.conf', AGENT_UNIT),
    unit('skerry-token-consumed.path', TOKEN_PATH),
    unit('skerry-token-consumed.service', TOKEN_SERVICE),
    unit('skerry-slot-watch.timer', WATCH_TIMER),
    unit('skerry-slot-watch.service', WATCH_SERVICE),
    unit('emergency.service.d/skerry.conf', EMERGENCY),
    unit('rescue.service.d/skerry.conf', EMERGENCY),
    { path: 'usr/lib/skerry-image/slot-watch', text: WATCH, isProgram: true },
    { path: 'usr/lib/skerry-image/grub.cfg', text: GRUB_SETTINGS },
    ...IDENTITY_FILES,
    ...SSH_FILES,
  ]
}
