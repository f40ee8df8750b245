/**
 * Picture file: a picture of a recording, as a file that every viewer shows, with each of its pixels as it was. Only here, on the machine of whoever asked
 * for it: what runs on devices can neither write nor read one.
 */
import type { Image } from '@skerry/core/equipment/image'

/** [Netpbm, "ppm" and "pgm"] Colour, and grey: a few words, and the pixels. */
const CHANNELS: Readonly<Record<string, Image['channels']>> = { P6: 3, P5: 1 }

/** As large as sources give them. */
const SIDE_MAX = 3_840

/** What it ends with. */
export const endingOf = ({ channels }: Image): string => (channels === 3 ? 'ppm' : 'pgm')

export function pictureBytes({ width, height, channels, data }: Image): Uint8Array {
  const magic = channels === 3 ? 'P6' : 'P5'
  return Buffer.concat([Buffer.from(`${magic}\n${width} ${height}\n255\n`), data])
}

/** Undefined for what is no such file. Other programs may have written it, such as ffmpeg or ImageMagick. */
export function pictureIn(bytes: Uint8Array): Image | undefined {
  const head = Buffer.from(bytes.subarray(0, 1_024)).toString('latin1')
  const gap = String.raw`\s+(?:#[^\n]*\n\s*)*`
  const found = new RegExp(String.raw`^(P[56])${gap}(\d{1,4})${gap}(\d{1,4})${gap}255\s`).exec(head)
  const channels = CHANNELS[found?.[1] ?? '']
  if (!found || !channels) return undefined
  const width = Number(found[2])
  const height = Number(found[3])
  const data = Uint8Array.from(bytes.subarray(found[0].length))
  const isWhole = data.length === width * height * channels
  return isWhole && data.length > 0 && Math.max(width, height) <= SIDE_MAX
    ? { width, height, channels, data }
    : undefined
}
