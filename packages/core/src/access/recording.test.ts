import { expect, test } from 'vitest'
import { castHead, castLine, readCast } from './recording.ts'

test('a recording is asciicast v2, and reads back', () => {
  const text = [
    castHead({ columns: 80, rows: 24 }, { startMs: 1_700_000_000_123, title: 'press-1' }),
    castLine({ atMs: 12.3456, kind: 'o', text: '\u001b[31mred\r\n' }),
    castLine({ atMs: 1_000, kind: 'r', text: '100x30' }),
  ].join('')
  expect(text).toBe(
    '{"version":2,"width":80,"height":24,"timestamp":1700000000,"title":"press-1"}\n' +
      '[0.012346,"o","\\u001b[31mred\\r\\n"]\n[1,"r","100x30"]\n',
  )
  expect(readCast(text)).toMatchObject({
    columns: 80,
    rows: 24,
    events: [{ kind: 'o' }, { kind: 'r', text: '100x30' }],
  })
})

test('a recording that was cut in the middle of a line plays to there, and other texts are none', () => {
  expect(readCast('{"version":2,"width":80,"height":24}\n[0.1,"o","a"]\n[0.2,"o')).toMatchObject({
    events: [{ atMs: 100, kind: 'o', text: 'a' }],
  })
  expect(readCast('{"version":1}')).toBeUndefined()
  expect(readCast('')).toBeUndefined()
})
