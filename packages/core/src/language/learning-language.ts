/** Learning language: the terms that the filter of learnings may use. */
import type { Learning } from '@skerry/contract/learning/learning'
import { rowLanguage } from './row-language.ts'

export const learningLanguage = rowLanguage({
  name: 'learning',
  sample: { name: 'pump-normal', device: 'gateway-7', source: 'pump', state: 'collect', by: 'ann' },
  valuesOf: ({ spec, phase, createdBy }: Learning) => ({
    name: spec.name,
    device: spec.device,
    source: spec.source,
    state: phase,
    by: createdBy,
  }),
  wordsOf: ({ spec, phase, createdBy }) =>
    `${spec.name} ${spec.device} ${spec.source} ${spec.tags.join(' ')} ${phase} ${createdBy}`,
  example: 'learning.state == "refused"',
})
