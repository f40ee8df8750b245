import { expect, test } from 'vitest'
import { linesOf, newestLines } from './app-logs.ts'

const frame = (stream: 1 | 2, text: string) => {
  const header = Buffer.from([stream, 0, 0, 0, 0, 0, 0, 0])
  header.writeUInt32BE(Buffer.byteLength(text), 4)
  return Buffer.concat([header, Buffer.from(text)])
}
const at = (second: number) => `2026-11-29T10:00:0${second}.500000000Z`

test('frames of two streams become lines, also if a frame ends inside of a line', () => {
  const bytes = Buffer.concat([
    frame(1, `${at(0)} one\n${at(1)} t`),
    frame(2, `${at(2)} trouble\r\n`),
    frame(1, `wo\n${at(3)} \n${at(4)} open end`),
  ])
  const zero = Date.parse('2026-11-29T10:00:00.500Z')
  expect(linesOf('web', bytes)).toEqual([
    { atMs: zero, service: 'web', stream: 'out', text: 'one' },
    { atMs: zero + 2_000, service: 'web', stream: 'err', text: 'trouble' },
    { atMs: zero + 1_000, service: 'web', stream: 'out', text: 'two' },
    { atMs: zero + 3_000, service: 'web', stream: 'out', text: '' },
    { atMs: zero + 4_000, service: 'web', stream: 'out', text: 'open end' },
  ])
})

test('a cut frame and bytes without a time give no line', () => {
  expect(linesOf('web', frame(1, `${at(0)} one\n`).subarray(0, 5))).toEqual([])
  expect(linesOf('web', frame(1, 'no time\n'))).toEqual([])
})

test('the newest lines that fit into an answer are kept', () => {
  const line = (text: string) => ({ atMs: 1, service: 'web', stream: 'out' as const, text })
  const long = line('x'.repeat(8_192))
  const lines = [...Array.from({ length: 100 }, () => long), line('last')]
  const kept = newestLines(lines)
  expect(kept.length).toBe(64)
  expect(kept.at(-1)?.text).toBe('last')
  expect(newestLines([line('a')])).toHaveLength(1)
})
