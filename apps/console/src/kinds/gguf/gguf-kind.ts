/** GGUF kind: the header facts and settings of a language model, and a playground with a stream. */
import { lazyRouteComponent } from '@tanstack/react-router'
import { kindTexts } from '../../texts/english-kinds.ts'
import type { KindRow } from '../kind-row.ts'
import type { DetailOf } from '../of-kind.ts'

export const ggufKind: KindRow<DetailOf<'gguf'>> = {
  noun: kindTexts.gguf.noun,
  Content: lazyRouteComponent(() => import('./version-cards.tsx'), 'LanguageCard'),
  Playground: lazyRouteComponent(
    () => import('../../pages/language-models/language-playground.tsx'),
    'LanguagePlayground',
  ),
}
