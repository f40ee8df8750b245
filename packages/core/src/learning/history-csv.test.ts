import { expect, test } from 'vitest'
import { anomalyLayout, csvNumbers, csvTime, labelSpans, lookoutLayout, parseLookoutSchema } from './history-csv.ts'

const SCHEMA = JSON.stringify({
  Components: [
    {
      ComponentName: 'pump',
      Columns: [
        { Name: 'Timestamp', Type: 'DATETIME' },
        { Name: 'Sensor 1', Type: 'DOUBLE' },
        { Name: 'Operator', Type: 'STRING' },
        { Name: '2nd', Type: 'DOUBLE' },
      ],
    },
  ],
})

function valueIn<Value>(result: { ok: true; value: Value } | { ok: false; message: string }): Value {
  if (!result.ok) throw new Error(result.message)
  return result.value
}

const messageOf = (result: { ok: boolean; message?: string }) => (result.ok ? undefined : result.message)

test('a schema of Lookout for Equipment names the columns, and texts are left out', () => {
  const components = valueIn(parseLookoutSchema(SCHEMA))
  const layout = valueIn(lookoutLayout(components, 'pump', 'Timestamp,Sensor 1,2nd,Operator'))
  expect(layout).toEqual({
    time: 0,
    columns: 4,
    tags: [
      { tag: 'Sensor_1', column: 1 },
      { tag: '_2nd', column: 2 },
    ],
  })
  const line = csvNumbers('2020-02-01 20:00:00.250000,1.5,,"Ann, Bob"', layout)
  expect(line).toEqual({ ok: true, value: { timeMs: 1_580_587_200_250, values: [1.5, Number.NaN] } })
})

test('a schema or a head line that does not fit is refused with the place', () => {
  expect(messageOf(parseLookoutSchema('{'))).toContain('no JSON')
  expect(messageOf(parseLookoutSchema('{"Components":[]}'))).toContain('Components')
  expect(messageOf(parseLookoutSchema(SCHEMA.replace('STRING', 'TEXT')))).toContain('Components.0.Columns.2.Type')
  const components = valueIn(parseLookoutSchema(SCHEMA))
  expect(messageOf(lookoutLayout(components, 'fan', 'a'))).toBe('the schema has no component fan; it has pump')
  expect(messageOf(lookoutLayout(components, 'pump', 'Timestamp,2nd,Operator'))).toContain('no column Sensor 1')
  expect(messageOf(lookoutLayout(components, 'pump', 'Timestamp,2nd,2nd'))).toContain('2nd twice')
  const twoTimes = valueIn(parseLookoutSchema(SCHEMA.replace('STRING', 'DATETIME')))
  expect(messageOf(lookoutLayout(twoTimes, 'pump', 'Timestamp'))).toContain('one column of the type DATETIME')
})

test('OneTable has a tag for each column, and MultiTable one of the name of the file', () => {
  expect(valueIn(anomalyLayout('timestamp,series_1,series_2', 'all')).tags.map(({ tag }) => tag)).toEqual([
    'series_1',
    'series_2',
  ])
  expect(valueIn(anomalyLayout('value,timestamp', 'temperature'))).toEqual({
    time: 1,
    columns: 2,
    tags: [{ tag: 'temperature', column: 0 }],
  })
  expect(messageOf(anomalyLayout('time,value', 'x'))).toBe('the head line has no column timestamp')
  expect(messageOf(anomalyLayout('timestamp', 'x'))).toBe('no column has numbers')
  expect(messageOf(anomalyLayout('timestamp,a b,a_b', 'x'))).toContain('two columns become the tag a_b')
})

test('a line is refused with its reason, and only empty cells are missing', () => {
  const layout = valueIn(anomalyLayout('timestamp,a,b', 'x'))
  expect(csvNumbers('2021-01-01T00:00:00Z,NaN,-1e3', layout)).toEqual({
    ok: true,
    value: { timeMs: 1_609_459_200_000, values: [Number.NaN, -1_000] },
  })
  expect(csvNumbers('2021-01-01T00:00:00Z,1e300,0', layout)).toMatchObject({ value: { values: [Number.NaN, 0] } })
  expect(messageOf(csvNumbers('2021-01-01T00:00:00Z,1', layout))).toBe('has 2 values for 3 columns')
  expect(messageOf(csvNumbers('2021-01-01T00:00:00Z,off,1', layout))).toBe(
    'has "off" in the column a, which is no number',
  )
  expect(messageOf(csvNumbers('yesterday,1,1', layout))).toContain('the time "yesterday"')
  expect(messageOf(csvNumbers('"2021,1,1', layout))).toBe('has an unmatched quote')
})

test('labels are times without a head line', () => {
  expect(labelSpans('2021-03-01T00:00:00.000000,2021-03-01T01:00:00\n1614593730,1614593731,x\n')).toEqual({
    ok: true,
    value: [
      { fromMs: Date.parse('2021-03-01T00:00:00Z'), toMs: Date.parse('2021-03-01T01:00:00Z') },
      { fromMs: 1_614_593_730_000, toMs: 1_614_593_731_000 },
    ],
  })
  expect(messageOf(labelSpans('start,end\n'))).toContain('line 1 must have')
  expect(messageOf(labelSpans('1614593731,1614593730'))).toContain('line 1 must have')
  expect(messageOf(labelSpans('"1614593731'))).toContain('unmatched quote')
})

test.each([
  ['2021-03-01T00:00:00Z', '2021-03-01T00:00:00Z'],
  ['2024-02-29 23:59:59', '2024-02-29T23:59:59Z'],
  ['2000/12/31T12:30:01.5', '2000-12-31T12:30:01.500Z'],
  ['2021-03-01-10-20-30', '2021-03-01T10:20:30Z'],
  ['20210301102030', '2021-03-01T10:20:30Z'],
  ['2021-03-01T10:20:30+02:00', '2021-03-01T08:20:30Z'],
  ['2021-03-01T10:20:30-0130', '2021-03-01T11:50:30Z'],
  ['1614593730', '2021-03-01T10:15:30Z'],
  ['1614593730250', '2021-03-01T10:15:30.250Z'],
])('the time %s is %s', (text, iso) => {
  expect(csvTime(text)).toBe(Date.parse(iso))
})

test.each([
  '',
  '2021-02-29T00:00:00Z',
  '2021-13-01T00:00:00Z',
  '2021-03-01',
  '1969-12-31T00:00:00Z',
  '2021-03-01T24:00:00Z',
])('"%s" is no time', (text) => {
  expect(csvTime(text)).toBeUndefined()
})
