/**
 * Boot files: the settings of GRUB and RAUC in an image. GRUB counts the starts of a slot, and RAUC resets the count when
 * the agent marks the slot good. So a slot that does not come up is left after some starts.
 */

/** [RAUC, "GRUB"] The variables of RAUC, in a file of the EFI system partition that both programs write. */
const ENVIRONMENT = '/skerry/grubenv'

/** The id of the device, in a file of its own that is written once. RAUC writes the other file often. */
export const DEVICE_FILE = '/skerry/device'

/** Where the device mounts the EFI system partition. */
export const EFI_MOUNT = '/boot/efi'

/** Power cuts during a start must not bring an older system back, so the first failed start does not count. */
const STARTS_MAX = 3

/** Seconds. The time to read a message on a screen. */
const PANIC_SECONDS = 10

/** [GRUB, "Environment block"] Exactly this many bytes. */
const ENVIRONMENT_BYTES = 1_024
const HEAD = '# GRUB Environment Block\n'

/** The environment of a new image: slot A has a system, slot B has none. */
export function grubEnvironment(): string {
  const lines = ['ORDER=A B', 'A_OK=1', 'A_TRY=0', 'B_OK=0', 'B_TRY=0']
  return `${HEAD}${lines.join('\n')}\n`.padEnd(ENVIRONMENT_BYTES, '#')
}

/** One branch for each count, because the language of GRUB has no sums. */
const countLines = Array.from(
  { length: STARTS_MAX },
  (_, count) =>
    `    ${count === 0 ? 'if' : 'elif'} [ "$try" = "${count}" ]; then set chosen="$slot"; set next=${count + 1}`,
).join('\n')

/** The console of the computer, and its first serial line, as in most gateways. */
const KERNEL_WORDS = `panic=${PANIC_SECONDS} console=tty0 console=ttyS0 quiet`

/**
 * Starts the first slot of the order that may start and has starts left. If no slot has, it starts the first one that may
 * start: a device that tries for ever can recover, and a device that stops cannot.
 */
export const GRUB_SETTINGS: string = `# Written by "skerry image build". RAUC changes ${ENVIRONMENT}.
set timeout=0
set ORDER="A B"
set A_OK=1
set A_TRY=0
set B_OK=0
set B_TRY=0
regexp --set=1:disk '^([^,]*),' "$root"
load_env --file=${ENVIRONMENT} ORDER A_OK A_TRY B_OK B_TRY
set MACHINE_ID=
if [ -s ${DEVICE_FILE} ]; then load_env --file=${DEVICE_FILE} MACHINE_ID; fi
set machine=
if [ -n "$MACHINE_ID" ]; then set machine="systemd.machine_id=$MACHINE_ID"; fi
set chosen=
for slot in $ORDER; do
  if [ "$slot" = "A" ]; then set ok="$A_OK"; set try="$A_TRY"; else set ok="$B_OK"; set try="$B_TRY"; fi
  if [ -z "$chosen" -a "$ok" = "1" ]; then
${countLines}
    fi
  fi
done
if [ -z "$chosen" ]; then
  for slot in $ORDER; do
    if [ "$slot" = "A" ]; then set ok="$A_OK"; else set ok="$B_OK"; fi
    if [ -z "$chosen" -a "$ok" = "1" ]; then set chosen="$slot"; set next=${STARTS_MAX}; fi
  done
fi
if [ "$chosen" = "B" ]; then
  set B_TRY="$next"; set part=3; set label=skerry-b
else
  if [ -z "$chosen" ]; then set next=${STARTS_MAX}; fi
  set chosen=A; set A_TRY="$next"; set part=2; set label=skerry-a
fi
save_env --file=${ENVIRONMENT} A_TRY B_TRY
echo "skerry: slot $chosen, start $next of ${STARTS_MAX}"
if linux ($disk,gpt$part)/vmlinuz root=PARTLABEL=$label ro rauc.slot=$chosen $machine ${KERNEL_WORDS}; then
  initrd ($disk,gpt$part)/initrd.img
  boot
fi
echo "skerry: slot $chosen has no kernel"
sleep ${PANIC_SECONDS}
reboot
`

/**
 * [RAUC, "system.conf"] The time of the signature counts for the certificates, because the clock of a device may be wrong
 * after months without power.
 */
export const raucSettings = (compatible: string): string => `[system]
compatible=${compatible}
bootloader=grub
grubenv=${EFI_MOUNT}${ENVIRONMENT}
data-directory=/data/rauc
bundle-formats=verity

[keyring]
path=/etc/rauc/keyring.pem
use-bundle-signing-time=true

[slot.rootfs.0]
device=/dev/disk/by-partlabel/skerry-a
type=ext4
bootname=A
resize=true

[slot.rootfs.1]
device=/dev/disk/by-partlabel/skerry-b
type=ext4
bootname=B
resize=true
`

/** [RAUC, "Manifest"] */
export const bundleManifest = ({ compatible, version }: { compatible: string; version: string }): string => `[update]
compatible=${compatible}
version=${version}

[bundle]
format=verity

[image.rootfs]
filename=root.ext4
`
