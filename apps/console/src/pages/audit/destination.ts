/** The place of the audit trail in the navigation. */
import { ScrollText } from 'lucide-react'
import type { Destination } from '../../shell/destination.ts'
import { texts } from '../../texts/english.ts'

export const auditDestination = {
  to: '/audit',
  text: texts.shell.nav.audit,
  icon: ScrollText,
  letter: 'a',
} as const satisfies Destination
