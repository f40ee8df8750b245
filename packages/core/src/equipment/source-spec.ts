/** Source spec with its meaning: what a person wrote of a source, checked as the contract says, and by what only core can judge. */
import { SourceSpec } from '@skerry/contract/connections/connection-spec'
import { Source } from '@skerry/contract/sources/source'
import { interlockProblems } from './interlock.ts'

/** A file with more mistakes than these has one that repeats. */
const MISTAKES_SHOWN = 20

export const CheckedSourceSpec = SourceSpec.superRefine((spec, context) => {
  // Nearly all have none, and are not read twice.
  const { data } = JSON.stringify(spec).includes('"interlock"') ? Source.safeParse(spec) : {}
  for (const { path, message } of data ? interlockProblems(data).slice(0, MISTAKES_SHOWN) : []) {
    context.addIssue({ code: 'custom', path, message })
  }
})
