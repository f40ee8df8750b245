/** Capture language: the terms that the filter of captures may use. */
import type { Capture } from '@skerry/contract/captures/capture'
import { rowLanguage } from './row-language.ts'

export const captureLanguage = rowLanguage({
  name: 'capture',
  sample: { model: 'ocr', purpose: 'find doubtful pages', by: 'ann' },
  valuesOf: ({ model, rules, changedBy }: Capture) => ({ model, purpose: rules.purpose, by: changedBy }),
  wordsOf: ({ model, rules, changedBy }) => `${model} ${rules.purpose} ${changedBy}`,
  example: 'capture.model == "ocr"',
})
