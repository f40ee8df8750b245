/** The place of the sinks in the navigation. */
import { Send } from 'lucide-react'
import type { Destination } from '../../shell/destination.ts'
import { texts } from '../../texts/english.ts'

export const sinksDestination = {
  to: '/sinks',
  text: texts.shell.nav.sinks,
  icon: Send,
  letter: 'k',
  isOfFleet: true,
} as const satisfies Destination
