/** HTTP browse: what the answers have in them, as they are now. */
import type { BrowseEntry } from '@skerry/contract/connections/browse-entry'
import { browseJson } from '@skerry/core/equipment/json-places'

type Asked = { name: string; url: string }

/** Of several groups each is a folder, and `GROUP:PATH` a place in its answer. */
export async function browseAnswers<Group extends Asked>(
  groups: readonly Group[],
  path: string,
  fetchOf: (group: Group) => Promise<unknown>,
): Promise<BrowseEntry[]> {
  const [only] = groups
  if (groups.length === 1 && only) return browseJson(await fetchOf(only), path)
  if (path === '') {
    return groups.map(({ name, url }) => ({ path: `${name}:`, label: `${name}: ${url}`.slice(0, 500), isFolder: true }))
  }
  const end = path.indexOf(':')
  const group = groups.find(({ name }) => name === path.slice(0, end))
  if (!group) return []
  const entries = browseJson(await fetchOf(group), path.slice(end + 1))
  return entries.map((entry) => ({ ...entry, path: `${group.name}:${entry.path}` }))
}
