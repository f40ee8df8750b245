/** Stage words: what a version must go through on each device before it serves, as sentences. */
import type { Strategy } from '@skerry/contract/deployments/deployment'
import type { ShadowSpec, SwitchOver } from '@skerry/contract/models/serving'
import { durationWords } from '../values/duration.ts'

/** The sentences; none where it serves as soon as it can. */
export const stageWords = ({ shadow, switchOver }: Pick<Strategy, 'shadow' | 'switchOver'>): string[] => [
  ...(shadow ? [shadowWords(shadow)] : []),
  ...(switchOver ? [switchWords(switchOver)] : []),
]

function switchWords({ approval, keepSeconds }: SwitchOver): string {
  const when = approval ? 'When all have it and a person approves' : 'As soon as all have it'
  const kept = keepSeconds === 0 ? '' : `; the version before stays loaded for ${durationWords(keepSeconds)} after that`
  return `The devices only make it ready at first, beside what they serve. ${when}, they all switch to it${kept}.`
}

function shadowWords({ share, minCompared, seconds, maxMismatchShare, promote }: ShadowSpec): string {
  const requests = share === 1 ? 'all requests' : `${percent(share)} % of the requests`
  const gets = promote ? `first gets a copy of ${requests}` : `only gets a copy of ${requests} and never serves`
  const wrong = maxMismatchShare === 0 ? 'none' : `no more than ${percent(maxMismatchShare)} %`
  return `On each device that serves a version already, it ${gets}: at least ${minCompared} of its answers are compared over at least ${durationWords(seconds)}, and ${wrong} may be wrong.`
}

const percent = (share: number) => Number((share * 100).toPrecision(4))
