/** The place of the monitors in the navigation. */
import { Activity } from 'lucide-react'
import type { Destination } from '../../shell/destination.ts'
import { texts } from '../../texts/english.ts'

export const monitorsDestination = {
  to: '/monitors',
  text: texts.shell.nav.monitors,
  icon: Activity,
  letter: 'w',
  isOfFleet: true,
} as const satisfies Destination
