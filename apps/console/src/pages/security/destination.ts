/** The place of the security pages in the navigation. */
import { ShieldAlert } from 'lucide-react'
import type { Destination } from '../../shell/destination.ts'
import { texts } from '../../texts/english.ts'

export const securityDestination = {
  to: '/security',
  text: texts.shell.nav.security,
  icon: ShieldAlert,
  letter: 'i',
} as const satisfies Destination
