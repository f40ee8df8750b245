/** The place of the models in the navigation. */
import { Boxes } from 'lucide-react'
import type { Destination } from '../../shell/destination.ts'
import { texts } from '../../texts/english.ts'

export const modelsDestination = {
  to: '/models',
  text: texts.shell.nav.models,
  icon: Boxes,
  letter: 'm',
  isOfFleet: true,
} as const satisfies Destination
