import type { DeviceStatus } from '@skerry/contract/devices/device'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DEVICE_FIELDS, DEVICE_FILTER_EXAMPLE, looksForFailures, readsAsSelector } from './device-fields.ts'
import { compileDeviceFilter, type FilteredDevice, type FilteredStanding } from './device-filter.ts'
import { readWords, unmetWords } from './words.ts'

const status: DeviceStatus = 'active'
const press: FilteredDevice = {
  facts: {
    device: {
      id: 'dev_press12',
      name: 'press-12',
      labels: { line: '4', owner: 'Ann Lee' },
      arch: 'arm64',
      os: 'Linux 6.1',
      cpus: 4,
      memoryMb: 4_096,
      capabilities: ['onnx'],
      status,
      online: true,
    },
    site: { name: 'oslo', kind: 'edge', country: 'NO', labels: {}, clearance: 'internal' },
  },
  liveness: 'online',
  link: { connected: true, sinceMs: 1 },
  agentVersion: '0.1.0',
  cpuModel: 'Cortex-A72',
}
const standing: FilteredStanding = {
  health: 'degraded',
  models: [
    { name: 'anomaly', version: 21, state: 'failed', serving: 1, cause: 'golden_mismatch' },
    { name: 'ocr', version: 3, state: 'active', serving: 3 },
  ],
}

function fits(text: string): boolean {
  const filter = compileDeviceFilter(text)
  if (!filter.ok) throw new Error(filter.message)
  const whole = filter.judgeWhole(press, standing)
  const early = filter.judge(press)
  // The cheap judgement may be undecided. It never contradicts the other one.
  if (early !== undefined) expect(early, text).toBe(whole)
  return whole
}

const refusal = (text: string) => {
  const filter = compileDeviceFilter(text)
  return filter.ok ? `read as ${filter.kind}` : `${filter.code}: ${filter.message}`
}

test.each([
  ['press', true],
  ['PRESS-12 oslo', true],
  ['press-12 bergen', false],
  ['line=4', true],
  ['label:line=4', true],
  ['label:"ann lee"', true],
  ['"ann lee"', true],
  ['"ann  lee"', false],
  ['site:oslo', true],
  ['site:press', false],
  ['name:press site:oslo', true],
  ['health:degraded', true],
  ['degraded', true],
  ['health:failed', false],
  ['anomaly', true],
  ['model:anomaly', true],
  ['name:anomaly', false],
  ['anomaly:21', true],
  ['anomaly:2', false],
  ['model:anomaly:1', true],
  ['anomaly:', true],
  ['ocr:3 anomaly:1', true],
  ['golden_mismatch', true],
  ['cause:golden', true],
  ['failure:present', true],
  ['failure:', true],
  ['failure:remembered', true],
  ['disconnected', false],
  ['agent:0.1', true],
  ['processor:cortex', true],
  ['cortex arm64 linux', true],
  ['system:arm', true],
  ['status:active', true],
  ['online', true],
  ['dev_press12', true],
  ['model:', true],
])('the words %s give %s', (text, expected) => {
  expect(fits(text)).toBe(expected)
})

test.each([
  ['device.name == "press-12"', true],
  ['site.name == "oslo" && device.labels.line == "4"', true],
  ['"line" in device.labels', true],
  ['"gpu" in device.capabilities', false],
  ['device.online', true],
  ['true', true],
  ['!device.online', false],
])('the selector %s gives %s', (text, expected) => {
  expect(readsAsSelector(text)).toBe(true)
  expect(fits(text)).toBe(expected)
})

test.each(['device', 'site', 'oslo device', '"device.name"', '"a == b"', 'line=4', 'site:oslo', DEVICE_FILTER_EXAMPLE])(
  '%s is words',
  (text) => expect(refusal(text)).toBe('read as words'),
)

test('a text that reads as a selector and is none is rejected, not searched as words', () => {
  expect(refusal('device.name = "a"')).toMatch(
    /^filter_invalid: the filter is read as a selector, because it names "device\." .*put it into double quotes$/,
  )
  expect(refusal('oslo && press')).toContain('read as a selector')
})

test('a word with an unknown field is rejected with the fields that exist', () => {
  expect(refusal('modell:ocr')).toBe(
    `filter_invalid: devices have no field "modell". The fields are ${Object.keys(DEVICE_FIELDS).join(', ')}. Put a text with ":" into double quotes`,
  )
  expect(refusal('"modell:ocr"')).toBe('read as words')
  expect(refusal('url=http://plant')).toBe('read as words')
})

test('a word about another field than health and models decides without them', () => {
  const early = (text: string) => {
    const filter = compileDeviceFilter(text)
    return filter.ok ? filter.judge(press) : undefined
  }
  expect(early('site:bergen anomaly')).toBe(false)
  expect(early('site:oslo')).toBe(true)
  expect(early('site:oslo anomaly')).toBeUndefined()
  expect(early('health:failed')).toBeUndefined()
})

test('each documented example of a field names its field', () => {
  for (const [field, example] of Object.entries(DEVICE_FIELDS)) {
    expect(readWords(`${field}:${example}`, Object.keys(DEVICE_FIELDS))).toEqual([
      { field, text: example.toLowerCase() },
    ])
  }
})

test('a stopped agent, a lost connection and a remembered failure each have a word', () => {
  const judged = (text: string, device: Partial<FilteredDevice>, of: Partial<FilteredStanding> = {}) => {
    const filter = compileDeviceFilter(text)
    return filter.ok && filter.judgeWhole({ ...press, ...device }, { ...standing, ...of })
  }
  const stopped = { liveness: 'stale', link: { connected: false, sinceMs: 1, ended: 'goodbye' } } as const
  const stale = { health: 'stale' } as const
  expect(judged('health:stopped', stopped, stale)).toBe(true)
  expect(judged('health:stale', stopped, stale)).toBe(true)
  expect(judged('health:silent', stopped, stale), 'nobody needs to look for a fault').toBe(false)
  const killed = { ...stopped, link: { ...stopped.link, ended: 'closed' as const } }
  expect(judged('health:stopped', killed, stale)).toBe(false)
  expect(judged('health:silent disconnected', killed, stale)).toBe(true)
  const past = { health: 'healthy', models: [{ name: 'ocr', version: 1, state: 'active', cause: 'late' }] } as const
  expect(judged('failure:remembered', {}, past)).toBe(true)
  expect(judged('failure:late', {}, past), 'by its cause, too').toBe(true)
  expect(judged('failure:early', {}, past)).toBe(false)
  expect(judged('health:failed', {}, past)).toBe(false)
  expect(['health:failed', 'oslo health:"fail', 'health:healthy'].map(looksForFailures)).toEqual([true, true, false])
  expect(['failed', 'oslo failure', 'failover', 'failure:late'].map(looksForFailures)).toEqual([
    true,
    true,
    false,
    false,
  ])
})

test('a word with a version names a model, and the hub can tell whether it exists', () => {
  const names = (text: string) => {
    const filter = compileDeviceFilter(text)
    return filter.ok && filter.modelNames
  }
  expect(names('memory:23 oslo ocr:3')).toEqual(['memory', 'ocr'])
  expect(names('model:ocr:3 site:oslo')).toEqual([])
  expect(names('device.name == "a"')).toEqual([])
})

test('a text has an answer whatever it is, and the cheap judgement agrees with the whole one', () => {
  const part = fc.oneof(
    fc.string({ maxLength: 12 }),
    fc.constantFrom('site:', 'oslo', 'anomaly:1', '"', 'health:', 'device.', '==', ':', 'press-12'),
  )
  fc.assert(
    fc.property(fc.array(part, { maxLength: 5 }), (parts) => {
      const text = parts.join(' ')
      const filter = compileDeviceFilter(text)
      const early = filter.ok ? filter.judge(press) : undefined
      if (filter.ok && early !== undefined) expect(early).toBe(filter.judgeWhole(press, standing))
    }),
  )
})

test('words of a quoted text are the quoted text', () => {
  expect(readWords('site:"oslo north" "press 7" a"b', ['site'])).toEqual([
    { field: 'site', text: 'oslo north' },
    { text: 'press 7' },
    { text: 'ab' },
  ])
  expect(unmetWords([{ text: 'x' }], { site: ['oslo'] })).toEqual([{ text: 'x' }])
})

test.each([
  ['health:faild', 'health has no value "faild". The values are revoked, pending, '],
  ['health:offline', '. Use status:disconnected'],
  ['health:disconnected', '. Use status:disconnected'],
  ['oslo status:stopped', '. Use health:stopped'],
])('%s finds nothing, so the filter names the values of the field', (text, says) => {
  expect(compileDeviceFilter(text)).toMatchObject({ ok: false, message: expect.stringContaining(says) })
})
