import { expect, test } from 'vitest'
import { createPlayer, shortened } from './player.ts'

const cast = {
  columns: 80,
  rows: 24,
  events: [
    { atMs: 100, kind: 'o' as const, text: 'one' },
    { atMs: 60_000, kind: 'r' as const, text: '100x30' },
    { atMs: 60_500, kind: 'o' as const, text: 'two' },
  ],
}

function screenOf() {
  const drawn: string[] = []
  return {
    drawn,
    write: (text: string) => void drawn.push(text),
    reset: () => void drawn.push('reset'),
    resize: (columns: number, rows: number) => void drawn.push(`${columns}x${rows}`),
  }
}

test('long pauses are shortened', () => {
  expect(shortened(cast.events).map(({ atMs }) => atMs)).toEqual([100, 2_100, 2_600])
})

test('a jump back draws everything up to the position anew', () => {
  const screen = screenOf()
  const states: number[] = []
  const player = createPlayer(cast, screen, ({ atMs }) => void states.push(atMs))
  player.seek(2_600)
  expect(screen.drawn).toEqual(['one', '100x30', 'two'])
  player.seek(500)
  expect(screen.drawn.slice(3)).toEqual(['reset', '80x24', 'one'])
  player.seek(999_999)
  expect(states.at(-1)).toBe(2_600)
})

test('it plays to the end, and stops there', async () => {
  const screen = screenOf()
  let isPlaying = false
  const player = createPlayer(cast, screen, (state) => {
    isPlaying = state.isPlaying
  })
  player.setSpeed(200)
  player.play()
  expect(isPlaying).toBe(true)
  await expect.poll(() => isPlaying).toBe(false)
  expect(screen.drawn).toEqual(['one', '100x30', 'two'])
})
