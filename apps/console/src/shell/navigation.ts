/** Navigation: the destinations in the order of the sidebar, in groups. A new noun adds one line. */

import { approvalsDestination } from '../pages/approvals/destination.ts'
import { appsDestination } from '../pages/apps/destination.ts'
import { auditDestination } from '../pages/audit/destination.ts'
import { batchesDestination } from '../pages/batches/destination.ts'
import { campaignsDestination } from '../pages/campaigns/destination.ts'
import { capturesDestination } from '../pages/captures/destination.ts'
import { deploymentsDestination } from '../pages/deployments/destination.ts'
import { devicesDestination } from '../pages/devices/destination.ts'
import { flowsDestination } from '../pages/flows/destination.ts'
import { groupsDestination } from '../pages/groups/destination.ts'
import { learningDestination } from '../pages/learning/destination.ts'
import { marketDestination } from '../pages/market/destination.ts'
import { modelsDestination } from '../pages/models/destination.ts'
import { monitorsDestination } from '../pages/monitors/destination.ts'
import { overviewDestination } from '../pages/overview/destination.ts'
import { rolloutsDestination } from '../pages/rollouts/destination.ts'
import { routesDestination } from '../pages/routes/destination.ts'
import { securityDestination } from '../pages/security/destination.ts'
import { settingsDestination } from '../pages/settings/destination.ts'
import { sinksDestination } from '../pages/sinks/destination.ts'
import { sitesDestination } from '../pages/sites/destination.ts'
import { sourcesDestination } from '../pages/sources/destination.ts'
import { vulnerabilitiesDestination } from '../pages/vulnerabilities/destination.ts'
import { texts } from '../texts/english.ts'

const words = texts.shell.groups

/** A group of several pages has a name, and can be folded. */
const groups = [
  { id: 'start', pages: [overviewDestination] },
  {
    id: 'fleet',
    text: words.fleet,
    pages: [sitesDestination, devicesDestination, groupsDestination, batchesDestination],
  },
  {
    id: 'models',
    text: words.models,
    pages: [
      modelsDestination,
      appsDestination,
      marketDestination,
      deploymentsDestination,
      rolloutsDestination,
      routesDestination,
      monitorsDestination,
      capturesDestination,
      campaignsDestination,
    ],
  },
  {
    id: 'equipment',
    text: words.equipment,
    pages: [sourcesDestination, sinksDestination, flowsDestination, learningDestination],
  },
  {
    id: 'trust',
    text: words.trust,
    pages: [approvalsDestination, securityDestination, vulnerabilitiesDestination, auditDestination],
  },
  { id: 'settings', pages: [settingsDestination] },
] as const

export type GroupId = (typeof groups)[number]['id']
type Listed = (typeof groups)[number]['pages'][number]

/** A destination with a path that the router knows. */
export type ListedDestination = Listed & { isOfFleet?: true }

export type NavigationGroup = { id: GroupId; text?: string; pages: readonly ListedDestination[] }

export const navigation: readonly NavigationGroup[] = groups

export const destinations: readonly ListedDestination[] = navigation.flatMap(({ pages }) => pages)
