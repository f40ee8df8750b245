/** The place of the sources in the navigation. */
import { Cable } from 'lucide-react'
import type { Destination } from '../../shell/destination.ts'
import { texts } from '../../texts/english.ts'

export const sourcesDestination = {
  to: '/sources',
  text: texts.shell.nav.sources,
  icon: Cable,
  letter: 'c',
  isOfFleet: true,
} as const satisfies Destination
