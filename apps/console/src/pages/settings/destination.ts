/** The place of the settings in the navigation. */
import { Settings } from 'lucide-react'
import type { Destination } from '../../shell/destination.ts'
import { texts } from '../../texts/english.ts'

export const settingsDestination = {
  to: '/settings',
  text: texts.shell.nav.settings,
  icon: Settings,
  letter: ',',
} as const satisfies Destination
