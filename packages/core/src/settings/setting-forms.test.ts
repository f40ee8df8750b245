import { DeviceSettings, PLAIN_SETTINGS } from '@skerry/contract/settings/device-settings'
import { expect, test } from 'vitest'
import { settingForms, settingText, settingValue } from './setting-forms.ts'

const accepts = (setting: keyof typeof settingForms, value: unknown) =>
  DeviceSettings.shape[setting].safeParse(value).success

test('the limits of each form are those of the schema', () => {
  for (const setting of PLAIN_SETTINGS) {
    const form = settingForms[setting]
    if (form.kind === 'number') {
      const tried = [form.min - 1, form.min, form.max, form.max + 1]
      expect(tried.map((value) => accepts(setting, value))).toEqual([false, true, true, false])
    }
    if (form.kind === 'choice') expect(form.options.filter((option) => !accepts(setting, option))).toEqual([])
    if (form.kind === 'text') expect(accepts(setting, form.example)).toBe(true)
    if (form.kind === 'lines') {
      const lines = (count: number) => Array.from({ length: count }, () => form.example)
      expect([form.countMax, form.countMax + 1].map((count) => accepts(setting, lines(count)))).toEqual([true, false])
    }
  }
})

test('a value and its text are each made from the other', () => {
  const settings = DeviceSettings.parse({
    logLevel: 'warn',
    reportIntervalMinSeconds: 90,
    diskFreeMinMb: 500,
    networkChecks: ['a.example:1', '[::1]:2'],
    hostName: 'press-4',
    timeZone: 'Europe/Berlin',
    timeServers: ['10.0.0.1'],
    downloadMbPerDay: 200,
    proxy: 'http://[fd00::1]:3128',
    downloadRates: ['06:00-22:00 Europe/Berlin 256 kB/s', '22:00-06:00 UTC 2000 kB/s'],
    siteDownloadMbPerDay: 5_000,
    siteCaches: ['press-4=10.0.0.7:8600', 'oven-1=[fd00::1]:8600'],
  })
  for (const setting of PLAIN_SETTINGS) {
    expect(settingValue(settingForms[setting], settingText(settings[setting]))).toEqual(settings[setting])
    expect(settingValue(settingForms[setting], settingText(undefined))).toBeUndefined()
  }
})

test('a text that is no number is left to the schema, which rejects it', () => {
  expect(accepts('diskFreeMinMb', settingValue(settingForms.diskFreeMinMb, 'much'))).toBe(false)
})
