/**
 * Image layout: the partitions of an image with two slots. The table is GPT, so a computer with UEFI starts it. The
 * names of the partitions are the same in each image, because both slots and the boot loader find them by name.
 */

/** [UEFI 2.10, 5.3] Disks of 512 bytes a sector. A disk of 4,096 needs an image of its own. */
export const SECTOR_BYTES = 512

/** The usual alignment of 1 MiB suits the erase blocks of flash memory. */
const ALIGN_BYTES = 1_048_576

/** [UEFI 2.10, 13.3] FAT32 needs 65,525 clusters, and the loader with its settings needs 4 MiB. */
const EFI_BYTES = 64 * ALIGN_BYTES

/** A minimal Debian with a kernel and the agent takes some 700 MiB. */
const SLOT_BYTES_MIN = 1_024 * ALIGN_BYTES

/** The agent with two versions of itself, and some models. */
const DATA_BYTES_MIN = 1_024 * ALIGN_BYTES

/** The second table at the end of the disk. */
const TABLE_BYTES = ALIGN_BYTES

const TYPES = {
  /** EFI system partition. */
  efi: 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B',
  /** Linux file system. */
  linux: '0FC63DAF-8483-4772-8E79-3D69D8477DE4',
} as const

export type PartitionName = 'skerry-efi' | 'skerry-a' | 'skerry-b' | 'skerry-data'

export type Partition = { name: PartitionName; startBytes: number; sizeBytes: number; type: string }

export type ImageLayout = { sizeBytes: number; partitions: Record<'efi' | 'a' | 'b' | 'data', Partition> }

export type LayoutWish = { sizeBytes: number; slotBytes: number }

export type LayoutResult = { ok: true; layout: ImageLayout } | { ok: false; message: string }

/** The two slots have the same size. The data partition takes the rest. */
export function imageLayout({ sizeBytes, slotBytes }: LayoutWish): LayoutResult {
  const [size, slot] = [aligned(sizeBytes), aligned(slotBytes)]
  if (slot < SLOT_BYTES_MIN) return { ok: false, message: `a slot needs at least ${megabytes(SLOT_BYTES_MIN)}` }
  const dataStart = ALIGN_BYTES + EFI_BYTES + 2 * slot
  const dataBytes = size - dataStart - TABLE_BYTES
  if (dataBytes < DATA_BYTES_MIN) {
    const least = megabytes(dataStart + TABLE_BYTES + DATA_BYTES_MIN)
    return { ok: false, message: `two slots of ${megabytes(slot)} need an image of at least ${least}` }
  }
  const linux = (name: PartitionName, startBytes: number, bytes: number): Partition => ({
    name,
    startBytes,
    sizeBytes: bytes,
    type: TYPES.linux,
  })
  return {
    ok: true,
    layout: {
      sizeBytes: size,
      partitions: {
        efi: { name: 'skerry-efi', startBytes: ALIGN_BYTES, sizeBytes: EFI_BYTES, type: TYPES.efi },
        a: linux('skerry-a', ALIGN_BYTES + EFI_BYTES, slot),
        b: linux('skerry-b', ALIGN_BYTES + EFI_BYTES + slot, slot),
        data: linux('skerry-data', dataStart, dataBytes),
      },
    },
  }
}

/** [sfdisk(8)] The table as the input of sfdisk. GRUB finds the slots by their order, so it must not change. */
export function sfdiskScript({ partitions: { efi, a, b, data } }: ImageLayout): string {
  const lines = [efi, a, b, data].map(
    ({ name, startBytes, sizeBytes, type }) =>
      `start=${startBytes / SECTOR_BYTES}, size=${sizeBytes / SECTOR_BYTES}, type=${type}, name=${name}`,
  )
  return `${['label: gpt', `first-lba: ${ALIGN_BYTES / SECTOR_BYTES}`, ...lines].join('\n')}\n`
}

/** A file system needs room beside its files: for its tables, and for growth before RAUC enlarges it. */
const SPARE_SHARE = 1.25
const SPARE_BYTES = 96 * ALIGN_BYTES

/** The size of the root file system in a bundle. RAUC enlarges it to the size of the slot. */
export const bundleRootBytes = (usedBytes: number): number => aligned(usedBytes * SPARE_SHARE + SPARE_BYTES)

const aligned = (bytes: number) => Math.ceil(bytes / ALIGN_BYTES) * ALIGN_BYTES

const megabytes = (bytes: number) => `${Math.ceil(bytes / 1_000_000)} MB`
