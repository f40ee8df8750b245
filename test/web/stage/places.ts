/**
 * Web places: the sites of the fleet that the browser sees, and the pages that it goes to, each with its name and its
 * heading.
 */
import { MODEL } from '../../../examples/tour/shipment.ts'

/** The canary of the tour, and another place. */
export const SITES = [
  { name: 'hamburg', kind: 'edge', country: 'DE', coordinates: { latitude: 53.55, longitude: 9.99 } },
  { name: 'lyon', kind: 'edge', country: 'FR' },
] as const

/** Every page, once the revision has had its rollout. */
export const pagesWith = (rolloutPath: string, revision: number) =>
  [
    ['overview', '/', 'Overview'],
    ['sites', '/sites', 'Sites'],
    ['site', '/sites/hamburg', 'hamburg'],
    ['devices', '/devices', 'Devices'],
    ['device', '/devices/hamburg-press', 'hamburg-press'],
    ['models', '/models', 'Models'],
    ['model', `/models/${MODEL}`, MODEL],
    ['version', `/models/${MODEL}/versions/1`, `${MODEL}:1`],
    ['rollouts', '/rollouts', 'Rollouts'],
    ['rollout', rolloutPath, `${MODEL}, revision ${revision}`],
    ['approvals-empty', '/approvals', 'Approvals'],
    ['security-empty', '/security', 'Security'],
    ['webhook-empty', '/security?tab=webhook', 'Security'],
    ['vulnerabilities-empty', '/vulnerabilities', 'Vulnerabilities'],
    ['audit', '/audit', 'Audit'],
    ['settings', '/settings', 'Settings'],
    ['keys', '/settings?tab=keys', 'Settings'],
    ['joining-empty', '/settings?tab=joining', 'Settings'],
    ['secrets-empty', '/settings?tab=secrets', 'Settings'],
    ['roles-empty', '/settings?tab=roles', 'Settings'],
    ['people-empty', '/settings?tab=people', 'Settings'],
    ['trail-empty', '/settings?tab=trail', 'Settings'],
    ['about', '/settings?tab=about', 'Settings'],
  ] as const
