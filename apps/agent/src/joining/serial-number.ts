/** Serial number: what the maker of this machine calls it, where the firmware tells. Nothing proves it; people compare it with their lists. */
import { readFile } from 'node:fs/promises'
import { SerialNumber } from '@skerry/contract/joining/join'

/** [Linux, DMI] Readable by root only. [devicetree specification 2.3] What boards without a BIOS have. */
const PLACES = [
  '/sys/class/dmi/id/product_serial',
  '/sys/class/dmi/id/board_serial',
  '/sys/firmware/devicetree/base/serial-number',
]

/** What makers leave in the place of a number. */
const PLACEHOLDER =
  /^(0+|none|n\/a|unknown|not specified|default string|system serial number|to be filled.*|x+|123456789)$/i

/** The number; undefined where this machine tells none that could be its own. */
export async function readSerialNumber(places: readonly string[] = PLACES): Promise<string | undefined> {
  for (const place of places) {
    const text = await readFile(place, 'utf8').catch(() => '')
    const serial = SerialNumber.safeParse(text.replaceAll('\0', '').trim())
    if (serial.success && !PLACEHOLDER.test(serial.data)) return serial.data
  }
  return undefined
}
