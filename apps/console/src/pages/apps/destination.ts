/** The place of the apps in the navigation. */
import { Container } from 'lucide-react'
import type { Destination } from '../../shell/destination.ts'
import { texts } from '../../texts/english.ts'

export const appsDestination = {
  to: '/apps',
  text: texts.shell.nav.apps,
  icon: Container,
  letter: 'x',
  isOfFleet: true,
} as const satisfies Destination
