/**
 * Serial number: the maker's number of this machine, if the firmware has one. Nothing proves it. People compare it with
 * their lists.
 */
import { readFile } from 'node:fs/promises'
import { SerialNumber } from '@skerry/contract/joining/join'

/** [Linux, DMI] Readable by root only. [devicetree specification 2.3] The file of boards without a BIOS. */
const PLACES = [
  '/sys/class/dmi/id/product_serial',
  '/sys/class/dmi/id/board_serial',
  '/sys/firmware/devicetree/base/serial-number',
]

/** Texts that makers leave in place of a number. */
const PLACEHOLDER =
  /^(0+|none|n\/a|unknown|not specified|default string|system serial number|to be filled.*|x+|123456789)$/i

/** The number. Undefined if this machine has none of its own. */
export async function readSerialNumber(places: readonly string[] = PLACES): Promise<string | undefined> {
  for (const place of places) {
    const text = await readFile(place, 'utf8').catch(() => '')
    const serial = SerialNumber.safeParse(text.replaceAll('\0', '').trim())
    if (serial.success && !PLACEHOLDER.test(serial.data)) return serial.data
  }
  return undefined
}
