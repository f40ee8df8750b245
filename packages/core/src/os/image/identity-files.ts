/**
 * Identity files: the machine id of a device. The root file system is read only, so systemd would make another id at each
 * start. The logs of each id are in a folder of their own, and the limit of the journal counts one folder only.
 */
import { DEVICE_FILE, EFI_MOUNT } from './boot-files.ts'
import type { SystemFile } from './system-files.ts'

/** The unit that keeps the machine id. */
export const MACHINE_ID_SERVICE = 'skerry-machine-id.service'

const SERVICE = `[Unit]
Description=Keeps the machine id for the next starts
RequiresMountsFor=${EFI_MOUNT}

[Service]
Type=oneshot
ExecStart=/usr/lib/skerry-image/keep-machine-id

[Install]
WantedBy=multi-user.target
`

/**
 * The file is written once. GRUB passes the id to the kernel from the next start on. The renaming is the last step, so a cut
 * of the power leaves a whole file or none.
 */
const PROGRAM = `#!/bin/sh
set -eu
file=${EFI_MOUNT}${DEVICE_FILE}
if grub-editenv "$file" list 2>/dev/null | grep -qx 'MACHINE_ID=[0-9a-f]\\{32\\}'; then exit 0; fi
rm -f "$file.new"
grub-editenv "$file.new" create
grub-editenv "$file.new" set "MACHINE_ID=$(cat /etc/machine-id)"
sync
mv "$file.new" "$file"
sync
`

export const IDENTITY_FILES: readonly SystemFile[] = [
  { path: `etc/systemd/system/${MACHINE_ID_SERVICE}`, text: SERVICE },
  { path: 'usr/lib/skerry-image/keep-machine-id', text: PROGRAM, isProgram: true },
]
