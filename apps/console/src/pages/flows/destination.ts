/** The place of the flows in the navigation. */
import { Workflow } from 'lucide-react'
import type { Destination } from '../../shell/destination.ts'
import { texts } from '../../texts/english.ts'

export const flowsDestination = {
  to: '/flows',
  text: texts.shell.nav.flows,
  icon: Workflow,
  letter: 'f',
  isOfFleet: true,
} as const satisfies Destination
