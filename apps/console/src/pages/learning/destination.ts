/** The place of learnings in the navigation. */
import { Compass } from 'lucide-react'
import type { Destination } from '../../shell/destination.ts'
import { texts } from '../../texts/english.ts'

export const learningDestination = {
  to: '/learning',
  text: texts.shell.nav.learning,
  icon: Compass,
  letter: 'j',
  isOfFleet: true,
} as const satisfies Destination
