import { expect, test } from 'vitest'
import { parseChange } from './change-text.ts'

test.each([
  ['site lyon down', { siteDown: 'lyon' }],
  ['device press-1 down', { deviceDown: 'press-1' }],
  ['residency EU,CH', { residency: ['EU', 'CH'] }],
  ['data confidential', { dataClass: 'confidential' }],
  ['class confidential', { dataClass: 'confidential' }],
  ['site lyon clearance restricted', { ofSite: 'lyon', clearance: 'restricted' }],
  ['site lyon country FR', { ofSite: 'lyon', country: 'FR' }],
  ['add 3 devices class x64-vnni', { addDevices: 3, hardwareClass: 'x64-vnni' }],
  ['load x2', { load: 2 }],
  ['load x0.5', { load: 0.5 }],
  ['add 3 devices at lyon', { addDevices: 3, site: 'lyon' }],
  ['add 1 device at lyon', { addDevices: 1, site: 'lyon' }],
  ['replicas 4', { replicas: 4 }],
  ['replicas per-site', { replicas: 'per-site' }],
])('%s', (text, change) => {
  expect(parseChange(text)).toEqual({ ok: true, change })
})

test.each([
  '',
  'site lyon',
  'site lyon up',
  'load 2',
  'load x0',
  'add 3 devices',
  'add 0 devices at lyon',
  'data confidential down',
  'class secret',
  'site lyon clearance secret',
  'site lyon country France',
  'site lyon clearance',
  'add 3 devices class',
  'add 3 devices class x64 at lyon',
  'replicas 0',
  'site a down now',
])('%j is rejected with the forms that are known', (text) => {
  expect(parseChange(text)).toEqual({ ok: false, message: expect.stringContaining('site NAME down') })
})
