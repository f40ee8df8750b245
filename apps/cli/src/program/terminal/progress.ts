/** Progress: a bar on the terminal of whoever waits; a line now and then where the output goes to a file; on stderr in both cases. */
import type { Io } from './io.ts'
import { sizeText } from './words.ts'

export type Progress = Disposable & { at: (done: number) => void }

/** Ten times a second is smooth to the eye and costs nothing. */
const REDRAW_MS = 100

/** A log wants to see that something still moves, not each step of it. */
const LINE_MS = 10_000

const BAR_WIDTH = 24

type ProgressOptions = { io: Pick<Io, 'stderr' | 'nowMs'>; label: string; total: number; isSilent: boolean }

/** Shows how far `total` bytes have come; disposing it draws the end. */
export function openProgress({ io, label, total, isSilent }: ProgressOptions): Progress {
  if (isSilent) return { at: () => undefined, [Symbol.dispose]: () => undefined }
  const { stderr } = io
  let done = 0
  let shownAtMs = io.nowMs()
  const draw = () =>
    stderr.write(stderr.isTTY ? `\r\u001b[K${label} ${barOf(done, total)}` : `${label} ${partOf(done, total)}\n`)
  if (stderr.isTTY) draw()
  return {
    at(now) {
      done = now
      if (io.nowMs() - shownAtMs < (stderr.isTTY ? REDRAW_MS : LINE_MS)) return
      shownAtMs = io.nowMs()
      draw()
    },
    [Symbol.dispose]() {
      draw()
      if (stderr.isTTY) stderr.write('\n')
    },
  }
}

/** `[######------] 50 %`, of any two numbers. */
export function barOf(done: number, total: number, width = BAR_WIDTH): string {
  const share = total === 0 ? 1 : Math.min(1, done / total)
  const full = Math.round(share * width)
  return `[${'#'.repeat(full)}${'-'.repeat(width - full)}] ${partOf(done, total)}`
}

function partOf(done: number, total: number): string {
  const percent = total === 0 ? 100 : Math.floor((100 * done) / total)
  return `${percent} % of ${sizeText(total)}`
}
