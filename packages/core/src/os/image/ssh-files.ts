/**
 * SSH files: the host keys of a device, for images with a server of SSH. Each device makes its keys at its first start.
 * They are on the data partition, so both slots prove the same identity.
 */
import type { SystemFile } from './system-files.ts'

/** The folder on the data partition. A new image does not have it. */
const KEY_FOLDER = '/data/ssh'

/** All clients of the last ten years accept one of both. A key of RSA takes minutes on a slow processor. */
const KEY_TYPES = ['ed25519', 'ecdsa'] as const

/** The unit that makes the keys. */
export const SSH_KEY_SERVICE = 'skerry-ssh-keys.service'

/** [sshd_config(5)] The server uses the first value of a setting, and these files come first in Debian. */
const SETTINGS = `${KEY_TYPES.map((type) => `HostKey ${KEY_FOLDER}/ssh_host_${type}_key`).join('\n')}\n`

/** The server of SSH tests its keys before it starts, so it waits for them. */
const SERVICE = `[Unit]
Description=Makes the host keys of SSH at the first start
ConditionPathExists=/usr/bin/ssh-keygen
ConditionPathExists=!${KEY_FOLDER}
RequiresMountsFor=/data
Before=ssh.service

[Service]
Type=oneshot
ExecStart=/usr/lib/skerry-image/ssh-keys

[Install]
WantedBy=multi-user.target
`

/** The renaming is the last step. So a cut of the power leaves all keys or none. */
const PROGRAM = `#!/bin/sh
set -eu
umask 077
rm -rf ${KEY_FOLDER}.new
mkdir ${KEY_FOLDER}.new
for type in ${KEY_TYPES.join(' ')}; do
  ssh-keygen -q -t "$type" -N '' -C '' -f "${KEY_FOLDER}.new/ssh_host_\${type}_key"
done
sync
mv ${KEY_FOLDER}.new ${KEY_FOLDER}
sync
`

/** They do nothing in a system without a server of SSH. */
export const SSH_FILES: readonly SystemFile[] = [
  { path: 'etc/ssh/sshd_config.d/00-skerry.conf', text: SETTINGS },
  { path: `etc/systemd/system/${SSH_KEY_SERVICE}`, text: SERVICE },
  { path: 'usr/lib/skerry-image/ssh-keys', text: PROGRAM, isProgram: true },
]
