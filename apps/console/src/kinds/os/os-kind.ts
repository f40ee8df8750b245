/** OS kind: an image of an operating system, with its parts. */

import type { SwuImage } from '@skerry/contract/os/os-image'
import { lazyRouteComponent } from '@tanstack/react-router'
import { kindTexts } from '../../texts/english-kinds.ts'
import type { KindRow } from '../kind-row.ts'
import type { DetailOf } from '../of-kind.ts'

const words = kindTexts.os

export const osKind: KindRow<DetailOf<'os'>> = {
  noun: words.noun,
  untried: words.untried,
  facts: ({ os }) => [[words.version, os.version], ...(os.format === 'swupdate' ? [hardwareFact(os)] : [])],
  Content: lazyRouteComponent(() => import('./version-cards.tsx'), 'ImageCard'),
}

const hardwareFact = ({ hardware }: SwuImage): [string, string] => [
  words.hardware,
  hardware.length === 0 ? words.anyHardware : hardware.join(', '),
]
