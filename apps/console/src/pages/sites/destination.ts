/** The place of the sites in the navigation. */
import { MapPin } from 'lucide-react'
import type { Destination } from '../../shell/destination.ts'
import { texts } from '../../texts/english.ts'

export const sitesDestination = {
  to: '/sites',
  text: texts.shell.nav.sites,
  icon: MapPin,
  letter: 's',
  isOfFleet: true,
} as const satisfies Destination
