/** The place of the rollouts in the navigation. */
import { Waypoints } from 'lucide-react'
import type { Destination } from '../../shell/destination.ts'
import { texts } from '../../texts/english.ts'

export const rolloutsDestination = {
  to: '/rollouts',
  text: texts.shell.nav.rollouts,
  icon: Waypoints,
  letter: 'r',
  isOfFleet: true,
} as const satisfies Destination
