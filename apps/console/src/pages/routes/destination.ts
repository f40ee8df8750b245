/** The place of the routes in the navigation. */
import { Signpost } from 'lucide-react'
import type { Destination } from '../../shell/destination.ts'
import { texts } from '../../texts/english.ts'

export const routesDestination = {
  to: '/routes',
  text: texts.shell.nav.routes,
  icon: Signpost,
  letter: 'u',
  isOfFleet: true,
} as const satisfies Destination
