/** OS kind: an image of an operating system, with its parts. */

import type { OsImage } from '@skerry/contract/os/os-image'
import { lazyRouteComponent } from '@tanstack/react-router'
import { kindTexts } from '../../texts/english-kinds.ts'
import type { KindRow } from '../kind-row.ts'
import type { DetailOf } from '../of-kind.ts'

const words = kindTexts.os

export const osKind: KindRow<DetailOf<'os'>> = {
  noun: words.noun,
  untried: words.untried,
  facts: ({ os }) => [[words.version, os.version], ...hardwareFacts(os)],
  Content: lazyRouteComponent(() => import('./version-cards.tsx'), 'ImageCard'),
}

function hardwareFacts(os: OsImage): [string, string][] {
  switch (os.format) {
    case 'swupdate':
      return [[words.hardware, os.hardware.length === 0 ? words.anyHardware : os.hardware.join(', ')]]
    case 'rauc':
      return [[words.hardware, os.compatible]]
    case 'debian':
      return []
  }
}
