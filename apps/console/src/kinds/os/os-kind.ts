/** OS kind: an image of an operating system, with its parts. */
import { lazyRouteComponent } from '@tanstack/react-router'
import { kindTexts } from '../../texts/english-kinds.ts'
import type { KindRow } from '../kind-row.ts'
import type { DetailOf } from '../of-kind.ts'

const words = kindTexts.os

export const osKind: KindRow<DetailOf<'os'>> = {
  noun: words.noun,
  untried: words.untried,
  facts: ({ os: { version, hardware } }) => [
    [words.version, version],
    [words.hardware, hardware.length === 0 ? words.anyHardware : hardware.join(', ')],
  ],
  Content: lazyRouteComponent(() => import('./version-cards.tsx'), 'ImageCard'),
}
