/** CAN frame: a line of candump's log format, as can-utils writes it: `(1436509052.249713) can0 1F0#2A366C2BBA`. */

/** `id` as it stands there: three digits where it has 11 bits, eight where it has 29. */
export type Frame = { id: string; data: Uint8Array }

/** Two `#` and a digit of flags are CAN FD. Frames that ask for data have no digits, but an R. */
const LINE = /^\(\d+\.\d+\) \S+ ([0-9A-F]{3}|[0-9A-F]{8})#(?:#[0-9A-F])?((?:[0-9A-F]{2}){0,64})(?: [RT])?$/

/** Undefined where the line is none with data. */
export function frameOf(line: string): Frame | undefined {
  const [, id, hex] = LINE.exec(line) ?? []
  return id === undefined || hex === undefined ? undefined : { id, data: Buffer.from(hex, 'hex') }
}

/** Longer than any line is: what goes on beyond it is no log. */
const LINE_MAX = 1_000

/** Cuts what comes in pieces into lines. */
export function createLineCutter(hear: (line: string) => void): (text: string) => void {
  let rest = ''
  return (text) => {
    const lines = `${rest}${text}`.split('\n')
    rest = (lines.pop() ?? '').slice(-LINE_MAX)
    for (const line of lines) hear(line)
  }
}

/** As candump's filters and lines have it. */
export const idText = (id: number, isExtended: boolean): string =>
  id
    .toString(16)
    .toUpperCase()
    .padStart(isExtended ? 8 : 3, '0')
