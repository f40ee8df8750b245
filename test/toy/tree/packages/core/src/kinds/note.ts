/** Rules for notes. */
import { Serving } from '@skerry/contract/models/serving'
import { passed } from '../deployments/placement-answer.ts'
import type { KindRules } from './kind-rules.ts'

export const noteRules: KindRules<'note'> = {
  specOf: () => ({ language: 'en' }),
  deploymentProblem: ({ strategy: { shadow } }) => shadow && 'a note answers nobody, so it cannot be a shadow',
  serving: () => Serving.parse({}),
  shadow: () => undefined,
  capable: { yes: 'it stores notes', no: 'the agent of the device is too old to store notes; update it' },
  fit: () => passed('a note needs no opset'),
  rank: 2,
  hold: () => undefined,
  afterCrashes: 'is read again',
}
