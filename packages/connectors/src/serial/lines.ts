/** Serial lines: the received bytes of a port, cut at the end of each line. */

/** In bytes. Longer input is not a line: its end was lost, or the baud rate is wrong. */
const LINE_MAX = 4_096

/** Returns the lines that the bytes finish. ISO 8859-1, so that each byte is a letter. */
export function createLineCutter(terminator: string): (bytes: Uint8Array) => string[] {
  let rest = ''
  return (bytes) => {
    const lines = (rest + Buffer.from(bytes).toString('latin1')).split(terminator)
    const last = lines.pop() ?? ''
    rest = last.length > LINE_MAX ? '' : last
    return lines.filter((line) => line.length <= LINE_MAX)
  }
}
