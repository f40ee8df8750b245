/** The place of the marketplace in the navigation. */
import { Store } from 'lucide-react'
import type { Destination } from '../../shell/destination.ts'
import { texts } from '../../texts/english.ts'

export const marketDestination = {
  to: '/market',
  text: texts.shell.nav.market,
  icon: Store,
  letter: 'v',
  isOfFleet: true,
} as const satisfies Destination
