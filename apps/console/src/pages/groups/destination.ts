/** The place of the groups in the navigation. */
import { Group } from 'lucide-react'
import type { Destination } from '../../shell/destination.ts'
import { texts } from '../../texts/english.ts'

export const groupsDestination = {
  to: '/groups',
  text: texts.shell.nav.groups,
  icon: Group,
  letter: 'n',
  isOfFleet: true,
} as const satisfies Destination
