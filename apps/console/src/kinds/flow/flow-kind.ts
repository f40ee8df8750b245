/** Flow kind: the graph and the parts of a version, and the things that it needs on a device. */
import type { FlowVersionDetail } from '@skerry/contract/models/model'
import { lazyRouteComponent } from '@tanstack/react-router'
import { flowVersionTexts } from '../../pages/flows/english-flow-version.ts'
import type { KindRow } from '../kind-row.ts'

const cards = () => import('./version-cards.tsx')

export const flowKind: KindRow<FlowVersionDetail> = {
  noun: 'flow',
  refusal: flowVersionTexts.notModel,
  upload: () => ({ to: '/flows/upload' }),
  Picture: lazyRouteComponent(cards, 'GraphCard'),
  Content: lazyRouteComponent(cards, 'PartsCard'),
  Needs: lazyRouteComponent(cards, 'NeedsCard'),
}
