/**
 * SWU: the archive that SWUpdate installs. [SWUpdate, "SWUpdate image"] It is a cpio archive in the format `crc`. Its
 * first file describes the others and has their SHA-256. In a signed image, the second file is the signature of the
 * first.
 */
import { IMAGE_PARTS_MAX, type SwuImage } from '@skerry/contract/os/os-image'

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
  | { ok: true; image: Pick<SwuImage, 'version' | 'description' | 'hardware' | 'parts'> }
  | { ok: false; message: string }

/** Judges the entries of an archive, and reads its description. */
export function readSwu(entries: readonly SwuEntry[], description: string): SwuVerdict {
  const [first, second, ...parts] = entries
  if (first?.name !== DESCRIPTION) return no(`its first file must be ${DESCRIPTION}`)
  if (second?.name !== SIGNATURE) {
    return no(`it is not signed: its second file must be ${SIGNATURE}; sign it as SWUpdate's manual describes`)
  }
  if (second.sizeBytes === 0) return no(`it is not signed: ${SIGNATURE} is empty`)
  if (parts.some(({ name }) => STEERING.test(name))) return no('the name of a file in it has a control character')
  if (parts.length > IMAGE_PARTS_MAX) return no(`it has over ${IMAGE_PARTS_MAX} files`)
  const marks = marksOf(description)
  const version = outermost(marks, 'version')
  if (version === undefined || version === '' || version.length > 64 || STEERING.test(version)) {
    return no(`${DESCRIPTION} must have a version of 1 to 64 characters, on one line`)
  }
  const words = outermost(marks, 'description')
  const text = words
    ?.replaceAll(/\p{Cc}+/gu, ' ')
    .slice(0, 500)
    .toWellFormed()
  const hardware = hardwareOf(marks)
  return { ok: true, image: { version, ...(text !== undefined && { description: text }), hardware, parts } }
}

/** These could steer the terminal of a reader. */
const STEERING = /[\p{Cc}\p{Zl}\p{Zp}]/u

const no = (message: string) => ({ ok: false, message }) as const

/**
 * [libconfig, "Configuration Files"] Strings, comments, brackets, signs of assignment, and words. A string or a comment
 * without an end takes the rest, so the time grows only with the length of the text.
 */
const MARK =
  /"[^"\\]*(?:\\[\s\S][^"\\]*)*(?:"|\\?$)|#.*|\/\/.*|\/\*(?:[\s\S]*?\*\/|[\s\S]*)|[{}()[\]:=]|[^\s"#/{}()[\]:=,;]+/g

/** The parts of the text, without its comments. */
const marksOf = (text: string): string[] => (text.match(MARK) ?? []).filter((mark) => !/^(?:#|\/\/|\/\*)/.test(mark))

const isText = (mark: string | undefined): mark is string => mark?.startsWith('"') === true
const isAssigned = (mark: string | undefined) => mark === ':' || mark === '='

/** Without its quotation marks. */
const textOf = (mark: string) => mark.slice(1, mark.endsWith('"') && mark.length > 1 ? -1 : undefined)

const isNamed = (mark: string, name: string) => mark === name || mark === `"${name}"`

/** The value of the setting that stands in the fewest groups. An inner one belongs to a part of the image. */
function outermost(marks: readonly string[], name: string): string | undefined {
  let depth = 0
  let found: { value: string; depth: number } | undefined
  for (const [index, mark] of marks.entries()) {
    if ('{(['.includes(mark)) depth++
    else if ('})]'.includes(mark)) depth--
    const value = marks[index + 2]
    const isSetting = isNamed(mark, name) && isAssigned(marks[index + 1]) && isText(value)
    if (isSetting && depth < (found?.depth ?? Number.POSITIVE_INFINITY)) found = { value: textOf(value), depth }
  }
  return found?.value
}

function hardwareOf(marks: readonly string[]): string[] {
  const at = marks.findIndex(
    (mark, index) =>
      isNamed(mark, 'hardware-compatibility') && isAssigned(marks[index + 1]) && marks[index + 2] === '[',
  )
  if (at === -1) return []
  const end = marks.indexOf(']', at)
  const revisions = marks
    .slice(at + 3, end === -1 ? undefined : end)
    .filter(isText)
    .map(textOf)
  const isPlain = (revision: string) => revision !== '' && revision.length <= 64 && !STEERING.test(revision)
  return revisions.filter(isPlain).slice(0, 64)
}
