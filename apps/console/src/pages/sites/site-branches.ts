/**
 * Site branches: sites as a tree of country or kind, region and site. It sums up the state of each branch, and lists
 * its visible rows.
 */
import type { SiteState } from '@skerry/contract/sites/site'
import type { HealthCounts } from '../../components/charts/health-counts.ts'
import { HEALTH_ORDER } from '../../components/facts/tones.ts'
import type { Grouping, SiteSort } from '../../search.ts'
import { texts } from '../../texts/english.ts'
import { language } from '../../texts/language.ts'

type Node = { key: string; label: string; counts: HealthCounts; devices: number }
export type Leaf = Node & { site: SiteState }
export type Branch = Node & { sites: number; children: (Branch | Leaf)[] }

/** A visible row of the tree, with its place among its siblings. */
export type TreeRow = {
  node: Branch | Leaf
  level: number
  position: number
  siblings: number
  isOpen: boolean | undefined
}

export const isLeaf = (node: Branch | Leaf): node is Leaf => 'site' in node

/**
 * The sites under their regions under their countries or kinds. A site without a region stands directly in its country
 * or kind.
 */
export function branchesOf(sites: readonly SiteState[], grouping: Grouping, sort: SiteSort): Branch[] {
  const tops = new Map<string, SiteState[]>()
  for (const site of sites) gather(tops, (grouping === 'kind' ? site.kind : site.country) ?? '', site)
  const branches = [...tops].map(([key, members]) => {
    const label = grouping === 'kind' ? kindName(key) : countryName(key)
    return branchFrom({ key, label }, regionsOf(members, key, grouping, sort), sort)
  })
  return branches.sort(comparing(sort))
}

function regionsOf(sites: readonly SiteState[], top: string, grouping: Grouping, sort: SiteSort): (Branch | Leaf)[] {
  const regions = new Map<string, SiteState[]>()
  for (const site of sites) gather(regions, site.region === undefined ? '' : regionKey(site, grouping), site)
  return [...regions].flatMap(([region, members]): (Branch | Leaf)[] => {
    const leaves = members.map(leafOf)
    if (region === '') return leaves
    return [branchFrom({ key: `${top}/${region}`, label: region }, leaves, sort)]
  })
}

/** Two countries may have a region of the same name. Grouped by kind, these regions must stay separate. */
const regionKey = ({ region = '', country }: SiteState, grouping: Grouping) =>
  grouping === 'kind' && country !== undefined ? `${region}, ${country}` : region

const leafOf = (site: SiteState): Leaf => ({
  key: `site:${site.site}`,
  label: site.site,
  counts: site.devices,
  site,
  devices: sum(site.devices),
})

function branchFrom(name: { key: string; label: string }, children: (Branch | Leaf)[], sort: SiteSort): Branch {
  const counts: HealthCounts = {}
  let sites = 0
  for (const child of children) {
    sites += isLeaf(child) ? 1 : child.sites
    for (const health of HEALTH_ORDER) {
      const count = child.counts[health]
      if (count) counts[health] = (counts[health] ?? 0) + count
    }
  }
  return { ...name, counts, devices: sum(counts), sites, children: children.sort(comparing(sort)) }
}

const sum = (counts: HealthCounts) => Object.values(counts).reduce((total, count) => total + count, 0)

function gather(groups: Map<string, SiteState[]>, key: string, site: SiteState): void {
  const members = groups.get(key)
  if (members) members.push(site)
  else groups.set(key, [site])
}

const collator = new Intl.Collator(language, { numeric: true })

/** Regions before the sites beside them, then by the chosen order, then by name. */
function comparing(sort: SiteSort): (a: Branch | Leaf, b: Branch | Leaf) => number {
  return (a, b) =>
    Number(isLeaf(a)) - Number(isLeaf(b)) ||
    (sort === 'trouble' ? byTrouble(a.counts, b.counts) : 0) ||
    (sort === 'devices' ? b.devices - a.devices : 0) ||
    collator.compare(a.label, b.label)
}

const TROUBLES = HEALTH_ORDER.slice(0, HEALTH_ORDER.indexOf('moving'))

/** One failed device outweighs any number of less serious states. */
function byTrouble(a: HealthCounts, b: HealthCounts): number {
  const health = TROUBLES.find((each) => (a[each] ?? 0) !== (b[each] ?? 0))
  return health === undefined ? 0 : (b[health] ?? 0) - (a[health] ?? 0)
}

/** The visible rows. A row is visible if all its parents are open. */
export function rowsOf(branches: readonly Branch[], isOpen: (branch: Branch, level: number) => boolean): TreeRow[] {
  const rows: TreeRow[] = []
  const walk = (nodes: readonly (Branch | Leaf)[], level: number) => {
    for (const [index, node] of nodes.entries()) {
      const open = isLeaf(node) ? undefined : isOpen(node, level)
      rows.push({ node, level, position: index + 1, siblings: nodes.length, isOpen: open })
      if (open && !isLeaf(node)) walk(node.children, level + 1)
    }
  }
  walk(branches, 1)
  return rows
}

const regionNames = new Intl.DisplayNames(language, { type: 'region' })

/** The name of an ISO 3166-1 country. */
export function countryName(code: string): string {
  if (code === '') return texts.sites.noCountry
  return regionNames.of(code) ?? code
}

const kindName = (kind: string) =>
  kind === 'edge' || kind === 'onprem' || kind === 'cloud' ? texts.sites.kinds[kind] : kind
