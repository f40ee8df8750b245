/** System kind: the parts of a release, in their order. */
import { lazyRouteComponent } from '@tanstack/react-router'
import { kindTexts } from '../../texts/english-kinds.ts'
import type { KindRow } from '../kind-row.ts'
import type { DetailOf } from '../of-kind.ts'

const words = kindTexts.system

export const systemKind: KindRow<DetailOf<'system'>> = {
  noun: words.noun,
  untried: words.untried,
  Content: lazyRouteComponent(() => import('./version-cards.tsx'), 'PartsCard'),
}
