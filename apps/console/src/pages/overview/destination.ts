/** The place of the overview in the navigation. */
import { LayoutDashboard } from 'lucide-react'
import type { Destination } from '../../shell/destination.ts'
import { texts } from '../../texts/english.ts'

export const overviewDestination = {
  to: '/',
  text: texts.shell.nav.overview,
  icon: LayoutDashboard,
  letter: 'o',
  isOfFleet: true,
} as const satisfies Destination
