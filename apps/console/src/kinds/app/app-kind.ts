/** App kind: the services of a release, with their images, ports and limits. */
import { lazyRouteComponent } from '@tanstack/react-router'
import type { KindRow } from '../kind-row.ts'
import type { DetailOf } from '../of-kind.ts'

const cards = () => import('./version-cards.tsx')

export const appKind: KindRow<DetailOf<'app'>> = {
  noun: 'app',
  Content: lazyRouteComponent(cards, 'ServicesCard'),
}
