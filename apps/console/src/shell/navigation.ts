/** Navigation: the pages that one can go to from anywhere, each with its key after `g`. */
import {
  Boxes,
  Cable,
  LayoutDashboard,
  type LucideIcon,
  MapPin,
  Rocket,
  ScrollText,
  Send,
  Server,
  Settings,
  ShieldAlert,
  Stamp,
  Terminal,
  Waypoints,
  Workflow,
} from 'lucide-react'
import { texts } from '../texts/english.ts'

export type Destination = {
  to:
    | '/'
    | '/sites'
    | '/devices'
    | '/models'
    | '/deployments'
    | '/rollouts'
    | '/batches'
    | '/sources'
    | '/sinks'
    | '/flows'
    | '/approvals'
    | '/security'
    | '/audit'
    | '/settings'
  text: string
  icon: LucideIcon
  key: string
  /** About devices and models, which operators have none of. */
  isOfFleet?: true
}

const { nav } = texts.shell

export const destinations: readonly Destination[] = [
  { to: '/', text: nav.overview, icon: LayoutDashboard, key: 'o', isOfFleet: true },
  { to: '/sites', text: nav.sites, icon: MapPin, key: 's', isOfFleet: true },
  { to: '/devices', text: nav.devices, icon: Server, key: 'd', isOfFleet: true },
  { to: '/models', text: nav.models, icon: Boxes, key: 'm', isOfFleet: true },
  { to: '/deployments', text: nav.deployments, icon: Rocket, key: 'y', isOfFleet: true },
  { to: '/rollouts', text: nav.rollouts, icon: Waypoints, key: 'r', isOfFleet: true },
  { to: '/batches', text: nav.batches, icon: Terminal, key: 'b', isOfFleet: true },
  { to: '/sources', text: nav.sources, icon: Cable, key: 'c', isOfFleet: true },
  { to: '/sinks', text: nav.sinks, icon: Send, key: 'k', isOfFleet: true },
  { to: '/flows', text: nav.flows, icon: Workflow, key: 'f', isOfFleet: true },
  { to: '/approvals', text: nav.approvals, icon: Stamp, key: 'p' },
  { to: '/security', text: nav.security, icon: ShieldAlert, key: 'i' },
  { to: '/audit', text: nav.audit, icon: ScrollText, key: 'a' },
  { to: '/settings', text: nav.settings, icon: Settings, key: ',' },
]
