/** The place of the approvals in the navigation. */
import { Stamp } from 'lucide-react'
import type { Destination } from '../../shell/destination.ts'
import { texts } from '../../texts/english.ts'

export const approvalsDestination = {
  to: '/approvals',
  text: texts.shell.nav.approvals,
  icon: Stamp,
  letter: 'p',
} as const satisfies Destination
