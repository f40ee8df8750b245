/** The place of the captures in the navigation. */
import { ScanEye } from 'lucide-react'
import type { Destination } from '../../shell/destination.ts'
import { texts } from '../../texts/english.ts'

export const capturesDestination = {
  to: '/captures',
  text: texts.shell.nav.captures,
  icon: ScanEye,
  letter: 'e',
  isOfFleet: true,
} as const satisfies Destination
