import { expect, test } from 'vitest'
import { readUbjson } from './ubjson.ts'

/** Texts stand for their bytes, and numbers for themselves. */
const bytesOf = (...parts: (string | number)[]) =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.of(part))))

const long = (value: number) => {
  const bytes = Buffer.alloc(9, 'L')
  bytes.writeBigInt64BE(BigInt(value), 1)
  return [...bytes]
}

test('all types are read as JSON would give them, and NaN becomes null', () => {
  const file = bytesOf(
    ...['{', ...long(1), 'a', '[', 'i', 0xff, 'U', 200, 'I', 1, 0, 'l', 0, 1, 0, 0, 'Z', 'T', 'F', ']'],
    ...['i', 1, 'b', '[', '$', 'd', '#', 'i', 3, 0x3f, 0xc0, 0, 0, 0x7f, 0xc0, 0, 0, 0xbf, 0x80, 0, 0],
    ...['i', 1, 'c', 'D', 0x3f, 0xe0, 0, 0, 0, 0, 0, 0],
    ...['i', 1, 'd', 'S', ...long(4), 'text', 'i', 1, 'e', '{', '}', 'i', 1, 'f', '[', '#', 'i', 1, 'C', 'x', '}'],
  )
  expect(readUbjson(file)).toEqual({
    a: [-1, 200, 256, 65_536, null, true, false],
    b: [1.5, null, -1],
    c: 0.5,
    d: 'text',
    e: {},
    f: ['x'],
  })
})

test('a key that JavaScript gives a meaning is a plain field', () => {
  const read = readUbjson(bytesOf('{', 'i', 9, '__proto__', '{', 'i', 1, 'x', 'T', '}', '}'))
  expect(Object.keys(read as object)).toEqual(['__proto__'])
  expect(({} as Record<string, unknown>).x).toBeUndefined()
})

test.each([
  ['a value that is cut', bytesOf('[', 'l', 0, 1), 'ends within'],
  ['an array without an end', bytesOf('[', 'T'), 'ends within'],
  ['a length beyond the file', bytesOf('S', ...long(1e9), 'x'), 'ends within'],
  ['a typed array beyond the file', bytesOf('[', '$', 'd', '#', ...long(1e12)), 'ends within'],
  ['a negative length', bytesOf('S', ...long(-1)), 'no whole number'],
  ['a deep nest', Buffer.alloc(100_000, '['), 'levels deep'],
  ['an unknown type', bytesOf('[', 'x'), 'unknown type'],
  ['an array of nothing, many times', bytesOf('[', '$', 'Z', '#', ...long(1e12)), 'no numbers'],
  ['two documents', bytesOf('T', 'T'), 'bytes follow'],
  ['a text that is no UTF-8', bytesOf('S', 'i', 1, 0xff), 'no UTF-8'],
])('%s is refused', (_, bytes, reason) => {
  expect(() => readUbjson(bytes)).toThrow(reason)
})
