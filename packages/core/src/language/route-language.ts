/** Route language: the terms that the filter of routes may use. */
import type { RouteRow } from '@skerry/contract/routes/route'
import { rowLanguage } from './row-language.ts'

export const routeLanguage = rowLanguage({
  name: 'route',
  sample: { name: 'ocr', model: 'ocr', state: 'serving', places: 2 },
  valuesOf: ({ name, spec, state, places }: RouteRow) => ({ name, model: spec.model, state, places }),
  wordsOf: ({ name, spec, state }) => `${name} ${spec.model} ${state}`,
  example: 'route.state == "serving"',
})
