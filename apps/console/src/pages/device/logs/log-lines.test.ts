import type { LogLine } from '@skerry/contract/devices/log-line'
import { expect, test } from 'vitest'
import { filterLines, saidText, textOfLines } from './log-lines.ts'

const line = (level: LogLine['level'], event: string, fields: LogLine['fields'] = {}): LogLine => ({
  atMs: 1_000,
  level,
  program: 'agent',
  event,
  fields: { pid: 7, ...fields },
})
const lines = [
  line('debug', 'a'),
  line('warn', 'link_down', { code: 'ECONNREFUSED' }),
  line('error', 'b', { retries: 3 }),
]
const events = (level: LogLine['level'], filter: string) => filterLines(lines, level, filter).map(({ event }) => event)

test('by level, and by words anywhere', () => {
  expect(events('debug', '')).toEqual(['a', 'link_down', 'b'])
  expect(events('warn', '')).toEqual(['link_down', 'b'])
  expect(events('debug', 'econn  LINK')).toEqual(['link_down'])
  expect(events('error', 'link')).toEqual([])
  expect(filterLines(lines, 'error', '')[0]?.number).toBe(2)
})

test('what a line says, for people and for files', () => {
  expect(saidText(line('info', 'x', { code: 'A b', retries: 3, error: { message: 'no' } }))).toBe(
    'code=A b  retries=3  error={"message":"no"}',
  )
  expect(textOfLines(lines.slice(1, 2))).toBe(
    '{"level":"warn","time":"1970-01-01T00:00:01.000Z","name":"agent","pid":7,"code":"ECONNREFUSED","event":"link_down"}\n',
  )
  expect(textOfLines([])).toBe('')
})
