/** Monitor language: the terms that the filter of monitors may use. */
import type { Monitor } from '@skerry/contract/monitors/monitor'
import { rowLanguage } from './row-language.ts'

export const monitorLanguage = rowLanguage({
  name: 'monitor',
  sample: { model: 'ocr', state: 'alert', by: 'ann' },
  valuesOf: ({ spec, state, changedBy }: Monitor) => ({
    model: spec.model,
    state,
    by: changedBy,
  }),
  wordsOf: ({ spec, state, changedBy }) => `${spec.model} ${state} ${changedBy}`,
  example: 'monitor.state == "alert"',
})
