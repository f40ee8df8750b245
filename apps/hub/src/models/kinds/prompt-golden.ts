/** Prompt golden: the golden prompts of a push, whose expected answers come with it. */
import { Golden } from '@skerry/contract/devices/golden'
import type { PushRequest } from '@skerry/contract/models/model'
import { goldenOfPrompts, promptsOf } from '@skerry/core/language-models/golden-prompt'
import { problem } from '../../http/problem.ts'

/** Throws `golden_invalid`. */
export function promptGolden({ golden }: Pick<PushRequest, 'golden'>): Golden | undefined {
  if (!golden) return undefined
  const read = promptsOf(golden)
  if (!read.ok) throw problem('golden_invalid', read.message)
  return Golden.parse(goldenOfPrompts(read.prompts))
}
