/** Served kind: the app, the tensors and the golden cases of a served model. */
import { lazyRouteComponent } from '@tanstack/react-router'
import { texts } from '../../texts/english.ts'
import { kindTexts } from '../../texts/english-kinds.ts'
import type { KindRow } from '../kind-row.ts'
import type { DetailOf } from '../of-kind.ts'

const words = kindTexts.served
const cards = () => import('./version-cards.tsx')

export const servedKind: KindRow<DetailOf<'served'>> = {
  noun: words.noun,
  facts: ({ served, goldenCases }) => [
    [words.app, served.app],
    [words.model, served.model],
    [words.golden, goldenCases === 0 ? words.goldenNone : texts.common.number(goldenCases)],
  ],
  Content: lazyRouteComponent(cards, 'ServedInterfaceCard'),
  Proof: lazyRouteComponent(cards, 'ServedProofCard'),
}
