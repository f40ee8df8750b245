/** Lines of InfluxDB: names, texts and times are escaped as the protocol requires. */
import { expect, test } from 'vitest'
import { influxLine } from './line.ts'

const at = { signal: 'press-7/speed', eventTimeMs: 5 }

test.each([
  [
    { ...at, quality: 'good', value: 2.5, source: 'press-7', tag: 'speed' },
    'm,signal=press-7/speed,source=press-7,tag=speed number=2.5,quality="good" 5',
  ],
  [{ ...at, quality: 'good', value: true }, 'm,signal=press-7/speed number=1,quality="good" 5'],
  [{ ...at, quality: 'good', value: 'a "b" \\' }, 'm,signal=press-7/speed text="a \\"b\\" \\\\",quality="good" 5'],
  [
    { ...at, quality: 'good', value: [1, 2], unit: '1/min, x=\\' },
    'm,signal=press-7/speed,unit=1/min\\,\\ x\\=_ text="[1,2]",quality="good" 5',
  ],
  [
    { ...at, quality: 'uncertain', value: 1, cause: 'value_clamped' },
    'm,signal=press-7/speed number=1,quality="uncertain",cause="value_clamped" 5',
  ],
  [{ ...at, quality: 'bad', cause: 'source_lost' }, 'm,signal=press-7/speed quality="bad",cause="source_lost" 5'],
] as const)('%j', (value, line) => {
  const copy = 'value' in value && typeof value.value === 'object' ? { ...value, value: [...value.value] } : value
  expect(influxLine('m', copy as Parameters<typeof influxLine>[1])).toBe(line)
})
