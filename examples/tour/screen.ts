/** Screen: a story that grows downwards, with a live table below it if there is a terminal. */
import type { Feeder } from './feeder.ts'
import { tableLines } from './table.ts'

const REDRAW_INTERVAL_MS = 250

export type Screen = Disposable & {
  say(text: string): void
  /** Leaves the table as it is now in the story. */
  showTable(): void
}

/**
 * `out` is usually standard output. Without a terminal nothing is drawn over, and the table appears only when it is
 * printed.
 */
export function openScreen(out: NodeJS.WriteStream, feeders: readonly Feeder[]): Screen {
  let drawnLines = 0
  const erase = () => {
    if (drawnLines > 0) out.write(`\x1b[${drawnLines}A\x1b[J`)
    drawnLines = 0
  }
  const draw = () => {
    if (!out.isTTY || feeders.every(({ readings }) => readings === 0)) return
    const lines = ['', ...tableLines(feeders)]
    out.write(`${lines.join('\n')}\n`)
    drawnLines = lines.length
  }
  const timer = setInterval(() => {
    erase()
    draw()
  }, REDRAW_INTERVAL_MS)
  timer.unref()
  const say = (text: string) => {
    erase()
    out.write(`${text}\n`)
    draw()
  }
  return {
    say,
    showTable: () => say(`\n${tableLines(feeders).join('\n')}\n`),
    [Symbol.dispose]() {
      clearInterval(timer)
      erase()
    },
  }
}
