/** Destination: a page that one can go to from anywhere. The folder of each noun has its own. */
import type { LucideIcon } from 'lucide-react'

export type Destination = {
  to: `/${string}`
  text: string
  icon: LucideIcon
  /** After `g` on the keyboard. */
  letter: string
  /** About devices and models, which operators do not have. */
  isOfFleet?: true
}
