/** Navigation: the pages that one can go to from anywhere, each with its key after `g`. */
import { Boxes, LayoutDashboard, type LucideIcon, ScrollText, Server, Settings, Waypoints } from 'lucide-react'
import { texts } from '../texts/english.ts'

export type Destination = {
  to: '/' | '/devices' | '/models' | '/rollouts' | '/audit' | '/settings'
  text: string
  icon: LucideIcon
  key: string
}

const { nav } = texts.shell

export const destinations: readonly Destination[] = [
  { to: '/', text: nav.overview, icon: LayoutDashboard, key: 'o' },
  { to: '/devices', text: nav.devices, icon: Server, key: 'd' },
  { to: '/models', text: nav.models, icon: Boxes, key: 'm' },
  { to: '/rollouts', text: nav.rollouts, icon: Waypoints, key: 'r' },
  { to: '/audit', text: nav.audit, icon: ScrollText, key: 'a' },
  { to: '/settings', text: nav.settings, icon: Settings, key: 's' },
]
