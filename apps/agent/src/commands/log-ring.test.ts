import { createLog } from '@skerry/platform/process/log'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createLogRing } from './log-ring.ts'

const lineOf = (level: string, event: string) => `{"level":"${level}","event":"${event}"}\n`
const eventsOf = (text: string) => [...text.matchAll(/"event":"(\w+)"/g)].map(([, event]) => event)

test('gives the newest of a level and above, oldest first, and counts the others', () => {
  const ring = createLogRing()
  for (const [level, event] of [
    ['info', 'a'],
    ['error', 'b'],
    ['debug', 'c'],
    ['warn', 'd'],
  ] as const)
    ring.add(lineOf(level, event))
  expect(eventsOf(ring.newest('debug', 10).text)).toEqual(['a', 'b', 'c', 'd'])
  expect(eventsOf(ring.newest('warn', 10).text)).toEqual(['b', 'd'])
  expect(ring.newest('info', 2)).toEqual({ text: lineOf('error', 'b') + lineOf('warn', 'd'), omittedCount: 1 })
})

test('hears what the log writes, without its secrets', () => {
  const ring = createLogRing()
  const log = createLog({ name: 'agent', destination: { write: () => undefined }, onLine: ring.add })
  log.warn('joined', { token: 'skj_abc', note: 'sk_abcdefghijklmnopqrstuv' })
  log.debug('quiet')
  const { text } = ring.newest('debug', 10)
  expect(eventsOf(text)).toEqual(['joined'])
  expect(text).not.toMatch(/skj_abc|sk_abc/)
})

test('what is no line of the log is not kept', () => {
  const ring = createLogRing()
  ring.add('Segmentation fault\n')
  expect(ring.newest('debug', 10)).toEqual({ text: '', omittedCount: 0 })
})

test('holds the newest lines within both limits, whatever comes', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 60 }), { maxLength: 200 }), (lengths) => {
      const ring = createLogRing(20, 1_000)
      const lines = lengths.map((length, index) => lineOf('info', `e${index}x${'y'.repeat(length)}`))
      for (const line of lines) ring.add(line)
      const held = ring.newest('debug', 1_000).text
      const count = eventsOf(held).length
      expect(held).toBe(lines.slice(lines.length - count).join(''))
      expect(count).toBeLessThanOrEqual(20)
      expect(held.length).toBeLessThanOrEqual(1_000)
      const next = lines[lines.length - count - 1]
      // Nothing is dropped that would have found room.
      if (next !== undefined) expect(count === 20 || held.length + next.length > 1_000).toBe(true)
    }),
  )
})
