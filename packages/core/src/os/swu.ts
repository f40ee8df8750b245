/**
 * SWU: the archive that SWUpdate installs. [SWUpdate, "SWUpdate image"] It is a cpio archive in the format `crc`. Its
 * first file describes the others and has their SHA-256. In a signed image, the second file is the signature of the
 * first.
 */
import { IMAGE_PARTS_MAX, type OsImage } from '@skerry/contract/os/os-image'

/** [cpio(5), "New CRC Format"] A magic number, and 13 fields of 8 hexadecimal digits. */
export const SWU_HEAD_BYTES = 110
const CRC_MAGIC = '070702'
const NAME_SIZE_AT = 94
const FILE_SIZE_AT = 54

const DESCRIPTION = 'sw-description'
const SIGNATURE = 'sw-description.sig'
/** The name of the last entry, which ends the archive. */
const TRAILER = 'TRAILER!!!'

/** A description lists a handful of parts. It is text that a person or a build wrote. */
export const DESCRIPTION_BYTES_MAX = 1024 ** 2

const NAME_BYTES_MAX = 256

/** The head of an entry: where its name, its content and the next head begin. */
export type SwuHead = { nameBytes: number; sizeBytes: number; contentAt: number; nextAt: number }

/** Reads the head of an entry at an offset of the archive. Undefined if the bytes are no head. */
export function readSwuHead(head: string, at: number): SwuHead | undefined {
  if (!head.startsWith(CRC_MAGIC) || !/^[0-9A-Fa-f]{110}$/.test(head)) return undefined
  const field = (from: number) => Number.parseInt(head.slice(from, from + 8), 16)
  const nameBytes = field(NAME_SIZE_AT)
  const sizeBytes = field(FILE_SIZE_AT)
  if (nameBytes < 2 || nameBytes > NAME_BYTES_MAX) return undefined
  const contentAt = aligned(at + SWU_HEAD_BYTES + nameBytes)
  return { nameBytes, sizeBytes, contentAt, nextAt: aligned(contentAt + sizeBytes) }
}

const aligned = (offset: number) => Math.ceil(offset / 4) * 4

export type SwuEntry = { name: string; sizeBytes: number }

export const isSwuEnd = ({ name }: Pick<SwuEntry, 'name'>): boolean => name === TRAILER

export type SwuVerdict =
  | { ok: true; image: Pick<OsImage, 'version' | 'description' | 'hardware' | 'parts'> }
  | { ok: false; message: string }

/** Judges the entries of an archive, and reads its description. */
export function readSwu(entries: readonly SwuEntry[], description: string): SwuVerdict {
  const [first, second, ...parts] = entries
  if (first?.name !== DESCRIPTION) return no(`its first file must be ${DESCRIPTION}`)
  if (second?.name !== SIGNATURE) {
    return no(`it is not signed: its second file must be ${SIGNATURE}; sign it as SWUpdate's manual describes`)
  }
  if (parts.length > IMAGE_PARTS_MAX) return no(`it has over ${IMAGE_PARTS_MAX} files`)
  const words = withoutComments(description)
  const version = outermost(words, 'version')
  if (version === undefined || version === '' || version.length > 64) {
    return no(`${DESCRIPTION} must have a version of 1 to 64 characters`)
  }
  const text = outermost(words, 'description')?.slice(0, 500)
  const hardware = hardwareOf(words)
  return { ok: true, image: { version, ...(text !== undefined && { description: text }), hardware, parts } }
}

const no = (message: string) => ({ ok: false, message }) as const

/** [libconfig, "Configuration Files"] Comments begin with `#` or `//`, or stand between two marks. */
const withoutComments = (text: string) => text.replaceAll(/"(?:\\.|[^"\\])*"|#.*|\/\/.*|\/\*[\s\S]*?\*\//g, keepStrings)

const keepStrings = (match: string) => (match.startsWith('"') ? match : ' ')

/** The value of the setting that stands in the fewest groups. An inner one belongs to a part of the image. */
function outermost(text: string, name: string): string | undefined {
  const setting = new RegExp(String.raw`"?\b${name}"?\s*[:=]\s*"((?:\\.|[^"\\])*)"`, 'g')
  const found = [...text.matchAll(setting)].map(({ index, 1: value = '' }) => ({ value, depth: depthAt(text, index) }))
  return found.toSorted((one, other) => one.depth - other.depth)[0]?.value
}

function depthAt(text: string, end: number): number {
  const marks = text.slice(0, end).replaceAll(/"(?:\\.|[^"\\])*"/g, '')
  return (marks.match(/[{([]/g)?.length ?? 0) - (marks.match(/[})\]]/g)?.length ?? 0)
}

function hardwareOf(text: string): string[] {
  const list = /"?\bhardware-compatibility"?\s*[:=]\s*\[([^\]]*)\]/.exec(text)?.[1] ?? ''
  return [...list.matchAll(/"([^"]{1,64})"/g)].map(([, revision = '']) => revision).slice(0, 64)
}
