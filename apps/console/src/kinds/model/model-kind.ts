/**
 * Model kind: signature, golden cases, operators and builds of a version; two versions are compared, and one is tried in
 * the playground.
 */
import type { ModelVersionDetail } from '@skerry/contract/models/model'
import { lazyRouteComponent } from '@tanstack/react-router'
import { texts } from '../../texts/english.ts'
import type { KindRow } from '../kind-row.ts'

const words = texts.version
const cards = () => import('./version-cards.tsx')

export const modelKind: KindRow<ModelVersionDetail> = {
  noun: 'model',
  upload: ({ name }) => ({ to: '/models/upload', search: { model: name } }),
  facts: ({ summary, goldenCases }) => [
    [words.parameters, texts.common.number(summary.parameterCount)],
    [words.opsets, summary.opsets.map(({ domain, version }) => `${domain} ${version}`).join(', ')],
    [words.golden, goldenCases === 0 ? words.goldenNone : texts.common.number(goldenCases)],
    [words.producer, summary.producer || texts.common.unknown],
    [words.ir, summary.irVersion],
  ],
  Content: lazyRouteComponent(cards, 'InterfaceCard'),
  Proof: lazyRouteComponent(cards, 'ProofCard'),
  Makeup: lazyRouteComponent(cards, 'OperatorsCard'),
  Compare: lazyRouteComponent(() => import('../../pages/models/compare/differences.tsx'), 'Differences'),
  BuildsCard: lazyRouteComponent(() => import('../../pages/builds/builds-card.tsx'), 'BuildsCard'),
  Builds: lazyRouteComponent(() => import('../../pages/builds/builds-view.tsx'), 'BuildsView'),
  Optimise: lazyRouteComponent(() => import('../../pages/builds/optimise/optimise-form.tsx'), 'OptimiseForm'),
  Measure: lazyRouteComponent(() => import('../../pages/builds/measure/measure-form.tsx'), 'MeasureForm'),
  Playground: lazyRouteComponent(() => import('../../pages/playground/playground.tsx'), 'Playground'),
}
