/** MQTT browse: which topics there are. A broker cannot be asked: these are the retained ones, and those on which something was said meanwhile. */
import { openBroker } from '@skerry/connectors/broker/connection'
import type { SessionDeps } from '@skerry/connectors/session'
import type { BrowseEntry } from '@skerry/contract/connections/browse-entry'
import type { MqttSource } from '@skerry/contract/sources/source'

/** Long enough for what is retained, and for machines that speak each second. */
const LISTEN_MS = 1_500

/** More than a person looks at; a broker of a whole company has millions. */
const TOPICS_MAX = 10_000

/** Listens for a while on a connection of its own, so that the tags hear nothing twice. */
export async function browseTopics(
  { source, deps }: { source: MqttSource; deps: SessionDeps },
  path: string,
  signal: AbortSignal,
): Promise<BrowseEntry[]> {
  const topics = new Set<string>()
  const { clientId: _, ...connection } = source.connection
  const options = { connection, name: source.name, random: deps.random, secrets: deps.secrets }
  await using broker = await openBroker({ ...options, onMessage: async ({ topic }) => add(topics, topic) }, signal)
  await broker.subscribe([path === '' ? '#' : `${path}/#`], 0)
  await Promise.race([deps.clock.sleep(LISTEN_MS, signal), broker.lost])
  return entriesUnder(path, topics)
}

function add(topics: Set<string>, topic: string): void {
  if (topics.size < TOPICS_MAX) topics.add(topic)
}

/** The next level of each. */
export function entriesUnder(path: string, topics: ReadonlySet<string>): BrowseEntry[] {
  const prefix = path === '' ? '' : `${path}/`
  const under = [...topics].filter((topic) => topic.startsWith(prefix))
  const labels = new Set(under.map((topic) => topic.slice(prefix.length).split('/')[0] ?? ''))
  return [...labels].sort().map((label) => {
    const here = `${prefix}${label}`
    const isFolder = under.some((topic) => topic.startsWith(`${here}/`))
    return { path: here, label, isFolder, ...(topics.has(here) ? { tag: { topic: here } } : {}) }
  })
}
