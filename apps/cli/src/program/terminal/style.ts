/** Style: colours on a terminal, and plain text everywhere else; and the shape of tables. */
import type { Io, Sink } from './io.ts'

export type Style = {
  bold(text: string): string
  dim(text: string): string
  red(text: string): string
  green(text: string): string
  yellow(text: string): string
  /** False if tables are printed without their first line. */
  hasHeads?: boolean
  /** Whether tables have all their columns. */
  isWide?: boolean
}

const paint = (code: number, end: number) => (text: string) => `\u001b[${code}m${text}\u001b[${end}m`
const plain = (text: string) => text

const colours: Style = {
  bold: paint(1, 22),
  dim: paint(2, 22),
  red: paint(31, 39),
  green: paint(32, 39),
  yellow: paint(33, 39),
}
const none: Style = { bold: plain, dim: plain, red: plain, green: plain, yellow: plain }

/** [no-color.org] Any value of NO_COLOR except the empty one turns colours off. */
export function styleOf({ isTTY }: Sink, env: Io['env']): Style {
  return isTTY && !env.NO_COLOR && env.TERM !== 'dumb' ? colours : none
}
