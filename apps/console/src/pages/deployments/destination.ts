/** The place of the deployments in the navigation. */
import { Rocket } from 'lucide-react'
import type { Destination } from '../../shell/destination.ts'
import { texts } from '../../texts/english.ts'

export const deploymentsDestination = {
  to: '/deployments',
  text: texts.shell.nav.deployments,
  icon: Rocket,
  letter: 'y',
  isOfFleet: true,
} as const satisfies Destination
