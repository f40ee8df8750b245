/**
 * Progress: a bar on a terminal, or a line from time to time if the output goes to a file. It goes to stderr in both
 * cases.
 */
import type { Io } from './io.ts'
import { sizeText } from './words.ts'

export type Progress = Disposable & { at: (done: number) => void }

/** Ten times a second is smooth to the eye and costs nothing. */
const REDRAW_MS = 100

/** In a log, a line from time to time is enough. */
const LINE_MS = 10_000

const BAR_WIDTH = 24

type ProgressOptions = { io: Pick<Io, 'stderr' | 'nowMs'>; label: string; total: number; isSilent: boolean }

/** Shows how many of `total` bytes are done. Disposing it draws the end. */
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
