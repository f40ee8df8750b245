/** Group language: the terms that the filter of groups may use. */
import type { Group } from '@skerry/contract/groups/group'
import { rowLanguage } from './row-language.ts'

export const groupLanguage = rowLanguage({
  name: 'group',
  sample: { name: 'pumps', selector: 'device.online', description: 'Line 4' },
  valuesOf: ({ name, spec }: Group) => ({ name, selector: spec.selector, description: spec.description ?? '' }),
  wordsOf: ({ name, spec }) => `${name} ${spec.selector} ${spec.description ?? ''}`,
  example: 'group.name == "pumps"',
})
