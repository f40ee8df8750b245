/** Destination: a page that people can open from every page. The folder of each noun has its own. */
import type { LucideIcon } from 'lucide-react'

export type Destination = {
  to: `/${string}`
  text: string
  icon: LucideIcon
  /** The letter after `g` on the keyboard. */
  letter: string
  /** About devices and models, which operators do not have. */
  isOfFleet?: true
}
