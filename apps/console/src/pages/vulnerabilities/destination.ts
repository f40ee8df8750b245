/** The place of the vulnerabilities in the navigation. */
import { Bug } from 'lucide-react'
import type { Destination } from '../../shell/destination.ts'
import { texts } from '../../texts/english.ts'

export const vulnerabilitiesDestination = {
  to: '/vulnerabilities',
  text: texts.shell.nav.vulnerabilities,
  icon: Bug,
  letter: 't',
  isOfFleet: true,
} as const satisfies Destination
