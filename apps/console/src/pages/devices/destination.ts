/** The place of the devices in the navigation. */
import { Server } from 'lucide-react'
import type { Destination } from '../../shell/destination.ts'
import { texts } from '../../texts/english.ts'

export const devicesDestination = {
  to: '/devices',
  text: texts.shell.nav.devices,
  icon: Server,
  letter: 'd',
  isOfFleet: true,
} as const satisfies Destination
