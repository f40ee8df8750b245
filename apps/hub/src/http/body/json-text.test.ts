import { expect, test } from 'vitest'
import { measureJson, parseJson } from './json-text.ts'

const parse = (text: string) => parseJson(Buffer.from(text))

test('JSON is parsed, and an empty body has no value', () => {
  expect(parse('{"a":[1,"x"]}')).toEqual({ ok: true, value: { a: [1, 'x'] } })
  expect(parse(' \n')).toEqual({ ok: true, value: undefined })
  expect(parse('{')).toEqual({ ok: false, message: 'the body is not JSON' })
})

test.each([
  '{"__proto__":1}',
  String.raw`{"\u005f\u005fproto\u005f\u005f":1}`,
  String.raw`{"__pr\u006Fto__":1}`,
  '[[{"a":{"__proto__":{}}}]]',
  '{"constructor":{"prototype":{}}}',
  String.raw`{"c\u006fnstructor":{"prototype":{}}}`,
  String.raw`{"constructor":{"p\u0072ototype":{}}}`,
])('%s is rejected in any spelling, because it would reach a prototype', (text) => {
  expect(parse(text)).toMatchObject({ ok: false })
})

test.each(['{"a":"__proto__ and \\"constructor\\""}', '{"constructor":"Brunel"}', String.raw`{"a":"\u0041\u00e4"}`])(
  '%s is plain text, and is accepted',
  (text) => {
    expect(parse(text)).toEqual({ ok: true, value: JSON.parse(text) })
  },
)

test.each([String.raw`{"a":"\u0000"}`, String.raw`["\ud800"]`, String.raw`{"\uDC00":1}`])(
  '%s is rejected, because no database stores it',
  (text) => {
    expect(parse(text)).toMatchObject({ ok: false, message: expect.stringContaining('NUL') })
  },
)

test('values are counted outside strings, and too much depth ends the count', () => {
  expect(measureJson(Buffer.from(String.raw`{"a,[":[1,2,"\"[,"],"b":{}}`))).toEqual({ isTooDeep: false, values: 6 })
  expect(measureJson(Buffer.from('['.repeat(65)))).toMatchObject({ isTooDeep: true })
})

test('a mebibyte without suspicious text is parsed as fast as JSON.parse parses it, and not 45 times slower', () => {
  const bytes = Buffer.from(JSON.stringify(Array.from({ length: 60_000 }, (_, index) => ({ name: `n${index}` }))))
  const timeOf = (run: () => unknown) => {
    const times = Array.from({ length: 5 }, () => {
      const before = process.threadCpuUsage()
      run()
      const { user, system } = process.threadCpuUsage(before)
      return user + system
    })
    return Math.min(...times)
  }
  // The time of the processor: on a busy machine, a run waits for others in its middle.
  const plainUs = timeOf(() => JSON.parse(bytes.toString('utf8')))
  expect(timeOf(() => parseJson(bytes))).toBeLessThan(10 * plainUs)
})
