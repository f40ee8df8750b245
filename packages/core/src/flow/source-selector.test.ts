import { Flow } from '@skerry/contract/flows/flow'
import { expect, test } from 'vitest'
import { compileSelector } from '../selectors/selector.ts'
import { flowSources, sourceSelector } from './source-selector.ts'

const at = (name: string, ...scopes: string[]) => scopes.map((scope) => ({ name, scope }))

test.each([
  ['one device', ['plc'], at('plc', 'device:press-4'), 'device.name == "press-4"'],
  ['several devices', ['plc'], at('plc', 'device:a1', 'device:b1'), 'device.name in ["a1","b1"]'],
  ['a site and a device', ['plc'], at('plc', 'site:oslo', 'device:a1'), 'device.name == "a1" || site.name == "oslo"'],
  ['all devices', ['plc'], at('plc', 'organisation', 'device:a1'), undefined],
  [
    'two sources',
    ['plc', 'air'],
    [...at('plc', 'device:a1', 'site:oslo'), ...at('air', 'site:oslo')],
    '(device.name == "a1" || site.name == "oslo") && site.name == "oslo"',
  ],
  [
    'two sources on one device',
    ['plc', 'air'],
    [...at('plc', 'device:a1'), ...at('air', 'device:a1')],
    'device.name == "a1"',
  ],
])('the selector of a flow whose source is on %s', (_, sources, placed, selector) => {
  const found = sourceSelector(sources, placed)
  expect(found).toEqual({ missing: [], ...(selector !== undefined && { selector }) })
  if (selector !== undefined) expect(compileSelector(selector)).toMatchObject({ ok: true })
})

test('a source that no device has is missing, and there is no selector', () => {
  expect(sourceSelector(['plc', 'air'], at('plc', 'device:a1'))).toEqual({ missing: ['air'] })
})

test('a flow needs the sources that it reads, and those of the tags that it writes', () => {
  const flow = Flow.parse({
    name: 'watch',
    inputs: [{ name: 'bar', source: 'plc', tag: 'bar' }],
    steps: [{ name: 'high', kind: 'threshold', from: 'bar', above: 4 }],
    sinks: [
      { name: 'lamp', kind: 'tag', from: 'high', source: 'panel', tag: 'horn' },
      { name: 'back', kind: 'tag', from: 'high', source: 'plc', tag: 'coil' },
      { name: 'alarm', kind: 'hub', from: 'high' },
    ],
  })
  expect(flowSources(flow)).toEqual(['plc', 'panel'])
})
