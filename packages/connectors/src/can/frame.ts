/** CAN frame: a line of candump's log format, as can-utils writes it: `(1436509052.249713) can0 1F0#2A366C2BBA`. */

/** `id`: as in the line, with three digits for 11 bits, and eight digits for 29 bits. */
export type CanFrame = { id: string; data: Uint8Array }

/** Two `#` and a digit of flags mark CAN FD. Remote frames have an R in place of digits. */
const LINE = /^\(\d+\.\d+\) \S+ ([0-9A-F]{3}|[0-9A-F]{8})#(?:#[0-9A-F])?((?:[0-9A-F]{2}){0,64})(?: [RT])?$/

/** Undefined if the line is not a frame with data. */
export function frameOf(line: string): CanFrame | undefined {
  const [, id, hex] = LINE.exec(line) ?? []
  return id === undefined || hex === undefined ? undefined : { id, data: Buffer.from(hex, 'hex') }
}

/** Longer than any valid line. Longer input is not a log. */
const LINE_MAX = 1_000

/** Joins pieces of text, and cuts them into lines. */
export function createLineCutter(hear: (line: string) => void): (text: string) => void {
  let rest = ''
  return (text) => {
    const lines = `${rest}${text}`.split('\n')
    rest = (lines.pop() ?? '').slice(-LINE_MAX)
    for (const line of lines) hear(line)
  }
}

/** The form of ids in candump's filters and lines. */
export const idText = (id: number, isExtended: boolean): string =>
  id
    .toString(16)
    .toUpperCase()
    .padStart(isExtended ? 8 : 3, '0')
