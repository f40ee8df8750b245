/** Connection language: the fields that the filters of sources and sinks may use. */
import type { Connection } from '@skerry/contract/connections/connection'
import { reportsText, worstState } from '../connections/report-words.ts'
import { rowLanguage } from './row-language.ts'

const SAMPLE = { name: 'press-7', scope: 'site:oslo', state: 'down', version: 3, by: 'ann' }

/** `state` is the worst one on any device; empty if the hub is older and does not send it. */
const valuesOf = ({ name, scope, protocol, reports, version, updatedBy }: Connection) => ({
  name,
  scope,
  protocol,
  state: reports ? worstState(reports) : '',
  version,
  by: updatedBy,
})

const wordsOf = ({ name, scope, protocol, reports, updatedBy }: Connection) =>
  [name, scope.replace(':', ' '), protocol, reports ? reportsText(reports) : '', updatedBy].join(' ')

export const sourceLanguage = rowLanguage({
  name: 'source',
  sample: { ...SAMPLE, protocol: 'modbus', tags: 120 },
  valuesOf: (source: Connection) => ({ ...valuesOf(source), tags: source.tags }),
  wordsOf,
  example: 'source.protocol == "modbus" && source.state == "down"',
})

export const sinkLanguage = rowLanguage({
  name: 'sink',
  sample: { ...SAMPLE, name: 'plant-database', protocol: 'postgres' },
  valuesOf,
  wordsOf,
  example: 'sink.protocol == "postgres" && sink.state == "down"',
})
