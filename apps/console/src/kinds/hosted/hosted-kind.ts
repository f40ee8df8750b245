/** Hosted kind: the runtime, the tensors and the golden cases of a model with files of another engine. */
import { lazyRouteComponent } from '@tanstack/react-router'
import { texts } from '../../texts/english.ts'
import { kindTexts } from '../../texts/english-kinds.ts'
import type { KindRow } from '../kind-row.ts'
import type { DetailOf } from '../of-kind.ts'

const words = kindTexts.hosted
const cards = () => import('./version-cards.tsx')

export const hostedKind: KindRow<DetailOf<'hosted'>> = {
  noun: words.noun,
  facts: ({ hosted: { runtime }, goldenCases }) => [
    [words.runtime, runtime.version === undefined ? runtime.app : `${runtime.app}:${runtime.version}`],
    [words.golden, goldenCases === 0 ? words.goldenNone : texts.common.number(goldenCases)],
  ],
  Content: lazyRouteComponent(cards, 'HostedInterfaceCard'),
  Proof: lazyRouteComponent(cards, 'HostedProofCard'),
}
