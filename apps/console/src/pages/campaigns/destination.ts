/** The place of the campaigns in the navigation. */
import { GraduationCap } from 'lucide-react'
import type { Destination } from '../../shell/destination.ts'
import { texts } from '../../texts/english.ts'

export const campaignsDestination = {
  to: '/campaigns',
  text: texts.shell.nav.campaigns,
  icon: GraduationCap,
  letter: 'l',
  isOfFleet: true,
} as const satisfies Destination
