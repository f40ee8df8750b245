/** Sparkplug browse: what the births have told: nodes, their devices, their metrics. */
import type { BrowseEntry } from '@skerry/contract/connections/browse-entry'
import type { KnownMetric } from '@skerry/core/equipment/sparkplug-node'

/** `NODE`, then its metrics and devices, as `NODE/DEVICE`; a node's own come first. Names of metrics may have slashes: they are leaves. */
export function browseNodes(path: string, nodes: ReadonlyMap<string, readonly KnownMetric[]>): BrowseEntry[] {
  const born = [...nodes].filter(([, metrics]) => metrics.length > 0)
  if (path === '') return born.map(([node]) => ({ path: node, label: node, isFolder: true })).sort(byLabel)
  const [node = '', device] = path.split('/')
  const metrics = nodes.get(node) ?? []
  const leaves = metrics.filter((metric) => metric.device === device).map((metric) => leafOf(path, node, metric))
  if (device !== undefined) return leaves.sort(byLabel)
  const devices = new Set(metrics.flatMap((metric) => (metric.device === undefined ? [] : [metric.device])))
  const folders = [...devices].map((name) => ({ path: `${node}/${name}`, label: name, isFolder: true }))
  return [...leaves.sort(byLabel), ...folders.sort(byLabel)]
}

function leafOf(path: string, node: string, { device, name }: KnownMetric): BrowseEntry {
  const tag = { node, ...(device === undefined ? {} : { device }), metric: name }
  return { path: `${path}/${name}`, label: name, isFolder: false, tag }
}

const byLabel = (a: BrowseEntry, b: BrowseEntry) => (a.label < b.label ? -1 : 1)
