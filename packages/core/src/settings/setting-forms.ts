/**
 * Setting forms: how a person enters each setting that is a single value. Forms and command lines are made from this
 * table. A setting without a row does not compile.
 */
import { SITE_CACHES_MAX } from '@skerry/contract/chunks/site-cache'
import { LogLevel } from '@skerry/contract/devices/log-line'
import { CHECKS_MAX, type PlainSetting, RATES_MAX } from '@skerry/contract/settings/device-settings'
import { TIME_SERVERS_MAX } from '@skerry/contract/settings/system-settings'

export type SettingForm =
  | { kind: 'choice'; options: readonly string[] }
  | { kind: 'number'; min: number; max: number; unit: 's' | 'MB' }
  | { kind: 'text'; example: string }
  /** One value on each line. */
  | { kind: 'lines'; countMax: number; example: string }

export const settingForms: { readonly [Setting in PlainSetting]: SettingForm } = {
  logLevel: { kind: 'choice', options: LogLevel.options },
  reportIntervalMinSeconds: { kind: 'number', min: 60, max: 150, unit: 's' },
  diskFreeMinMb: { kind: 'number', min: 64, max: 1_000_000, unit: 'MB' },
  networkChecks: { kind: 'lines', countMax: CHECKS_MAX, example: 'time.example.com:443' },
  hostName: { kind: 'text', example: 'press-4' },
  timeZone: { kind: 'text', example: 'Europe/Berlin' },
  timeServers: { kind: 'lines', countMax: TIME_SERVERS_MAX, example: 'time.example.com' },
  downloadMbPerDay: { kind: 'number', min: 1, max: 1_000_000, unit: 'MB' },
  proxy: { kind: 'text', example: 'http://proxy.example.com:3128' },
  downloadRates: { kind: 'lines', countMax: RATES_MAX, example: '06:00-22:00 Europe/Berlin 256 kB/s' },
  siteDownloadMbPerDay: { kind: 'number', min: 1, max: 10_000_000, unit: 'MB' },
  siteCaches: { kind: 'lines', countMax: SITE_CACHES_MAX, example: 'press-4=10.0.0.7:8600' },
}

/** The value as a person types it; empty if there is none. */
export const settingText = (value: unknown): string =>
  Array.isArray(value) ? value.join('\n') : value === undefined ? '' : String(value)

/** The value in the text, for the schema to judge; undefined if the text is empty. */
export function settingValue({ kind }: SettingForm, text: string): unknown {
  const trimmed = text.trim()
  return trimmed === '' ? undefined : READERS[kind](trimmed)
}

const READERS: Readonly<Record<SettingForm['kind'], (text: string) => unknown>> = {
  choice: (text) => text,
  number: Number,
  text: (text) => text,
  lines: (text) =>
    text
      .split(/[\n,]/)
      .map((line) => line.trim())
      .filter((line) => line !== ''),
}
