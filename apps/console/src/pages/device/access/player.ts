/** Player: plays a recording into a terminal, from any position and at any speed. Long pauses are shortened. */
import type { Cast, CastEvent } from '@skerry/core/access/recording'

export type PlayerState = { atMs: number; endMs: number; isPlaying: boolean }

export type Player = Disposable & {
  /** Continues, or begins at this position. */
  play(fromMs?: number): void
  pause(): void
  seek(atMs: number): void
  setSpeed(speed: number): void
}

/** The parts of xterm that are needed here. */
export type Screen = {
  write(text: string): void
  reset(): void
  resize(columns: number, rows: number): void
}

/** A person who thinks for minutes is not worth watching. */
const PAUSE_MAX_MS = 2_000

/** Some steps a second move the position smoothly. */
const TICK_MS = 40

/** The events with shortened pauses. */
export function shortened(events: readonly CastEvent[]): CastEvent[] {
  let lastMs = 0
  let shownMs = 0
  return events.map((event) => {
    shownMs += Math.min(PAUSE_MAX_MS, Math.max(0, event.atMs - lastMs))
    lastMs = event.atMs
    return { ...event, atMs: shownMs }
  })
}

/** At the start it stands at the beginning. */
export function createPlayer(cast: Cast, screen: Screen, onState: (state: PlayerState) => void): Player {
  const events = shortened(cast.events)
  const endMs = events.at(-1)?.atMs ?? 0
  let next = 0
  let atMs = 0
  let speed = 1
  let timer: ReturnType<typeof setInterval> | undefined
  const tell = () => onState({ atMs, endMs, isPlaying: timer !== undefined })
  const show = () => {
    for (let event = events[next]; event !== undefined && event.atMs <= atMs; event = events[next]) {
      drawEvent(screen, event)
      next += 1
    }
  }
  const pause = () => {
    clearInterval(timer)
    timer = undefined
    tell()
  }
  const seek = (toMs: number) => {
    if (toMs < atMs) {
      screen.reset()
      screen.resize(cast.columns, cast.rows)
      next = 0
    }
    atMs = Math.min(endMs, toMs)
    show()
    tell()
  }
  const play = (fromMs?: number) => {
    if (fromMs !== undefined) seek(fromMs)
    clearInterval(timer)
    let lastMs = performance.now()
    timer = setInterval(() => {
      const nowMs = performance.now()
      seek(atMs + (nowMs - lastMs) * speed)
      lastMs = nowMs
      if (atMs >= endMs) pause()
    }, TICK_MS)
    tell()
  }
  return {
    play,
    pause,
    seek,
    setSpeed(wanted) {
      speed = wanted
    },
    [Symbol.dispose]: () => clearInterval(timer),
  }
}

/** Shows one event of a recording. */
export function drawEvent(screen: Screen, { kind, text }: CastEvent): void {
  if (kind === 'o') screen.write(text)
  // Input without a terminal has no echo.
  if (kind === 'i') screen.write(`\u001b[36m${text.replaceAll('\n', '\r\n')}\u001b[0m`)
  const [, columns, rows] = (kind === 'r' && /^(\d{1,4})x(\d{1,4})$/.exec(text)) || []
  if (columns !== undefined && rows !== undefined) screen.resize(Number(columns), Number(rows))
}
