/** The place of the batches in the navigation. */
import { Terminal } from 'lucide-react'
import type { Destination } from '../../shell/destination.ts'
import { texts } from '../../texts/english.ts'

export const batchesDestination = {
  to: '/batches',
  text: texts.shell.nav.batches,
  icon: Terminal,
  letter: 'b',
  isOfFleet: true,
} as const satisfies Destination
