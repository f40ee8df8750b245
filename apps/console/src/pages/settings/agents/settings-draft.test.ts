import { DeviceSettings } from '@skerry/contract/settings/device-settings'
import { expect, test } from 'vitest'
import { draftOf, readDraft } from './settings-draft.ts'

const EMPTY = draftOf({})

test('settings survive their form, and an empty form has none', () => {
  const settings = DeviceSettings.parse({
    logLevel: 'warn',
    diskFreeMinMb: 500,
    networkChecks: ['time.example.com:123', '10.0.0.1:443'],
    downloadMbPerDay: 200,
    downloadRates: ['06:00-22:00 Europe/Berlin 256 kB/s'],
    siteDownloadMbPerDay: 5_000,
    siteCaches: ['press-4=10.0.0.7:8600'],
    facts: [{ name: 'line_state', from: { source: 'plc', tag: 'state' }, everySeconds: 10 }],
    network: [{ kind: 'ethernet', name: 'uplink', interface: 'eth0' }],
    hostName: 'press-4',
    timeZone: 'Europe/Berlin',
    proxy: 'direct',
    timeServers: ['10.0.0.1', 'time.example.com'],
    locks: [{ name: 'line', fact: 'line_state', openWhen: ['stopped'] }],
  })
  expect(readDraft(draftOf(settings))).toEqual({ ok: true, settings })
  expect(readDraft(EMPTY)).toEqual({ ok: true, settings: {} })
})

test('each problem stands at its field', () => {
  const wrong = { ...EMPTY, diskFreeMinMb: '1', reportIntervalMinSeconds: 'soon', networkChecks: 'example.com' }
  expect(readDraft(wrong)).toMatchObject({
    ok: false,
    problems: {
      diskFreeMinMb: expect.any(String),
      reportIntervalMinSeconds: expect.any(String),
      networkChecks: 'must be HOST:PORT, such as time.example.com:443',
    },
  })
  const rules = (text: string) => readDraft({ ...EMPTY, rules: text })
  expect(rules('facts: [{ name: x }]')).toMatchObject({ problems: { rules: expect.stringContaining('facts.0') } })
  expect(rules('logLevel: warn')).toMatchObject({
    problems: { rules: expect.stringContaining('facts, locks and network') },
  })
  expect(rules('facts: [')).toMatchObject({ problems: { rules: expect.stringContaining('no YAML') } })
  expect(rules('just words')).toMatchObject({ ok: false })
})
