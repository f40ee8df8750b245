/** Complete: the names of things on the hub for the completion of shells. A shell shows no errors, so there are none. */
import type { SkerryClient } from '@skerry/client/client'
import { command } from '../../program/command.ts'
import { nextWords } from '../../program/reference/next-words.ts'
import type { Session } from '../../program/session.ts'
import { listNamedContexts } from '../../program/sign-in/contexts.ts'

/** More names than a person reads. A longer list costs the hub more, and each letter narrows it. */
const NAMES_MAX = 100

type Named = Promise<{ rows: readonly { name: string }[] }>
type Lookup = { client: SkerryClient; prefix: string; signal: AbortSignal }

/** The names of each kind of argument. The hub finds devices by their first letters, because a fleet has many. */
const LOOKUPS: Readonly<Record<string, (lookup: Lookup) => Named>> = {
  device: ({ client, prefix, signal }) =>
    client.device.list({ limit: NAMES_MAX, ...(prefix !== '' && { filter: `name:${prefix}` }) }, { signal }),
  site: ({ client, signal }) => client.site.list({ limit: NAMES_MAX }, { signal }),
  model: ({ client, signal }) => client.model.list({ limit: NAMES_MAX }, { signal }),
  deployment: ({ client, signal }) => client.deployment.list({ limit: NAMES_MAX }, { signal }),
  group: ({ client, signal }) => client.group.list({ limit: NAMES_MAX }, { signal }),
  // `--to group:pumps`: the groups are the only selectors with names.
  selector: ({ client, signal }) =>
    client.group
      .list({ limit: NAMES_MAX }, { signal })
      .then(({ rows }) => ({ rows: rows.map(({ name }) => ({ name: `group:${name}` })) })),
  route: ({ client, signal }) => client.route.list({ limit: NAMES_MAX }, { signal }),
  role: ({ client, signal }) => client.role.list({}, { signal }),
}

export const completeWords = command({
  name: 'complete',
  summary: 'Print the possible next words of a command line, for the scripts of "skerry completion"',
  examples: ['skerry complete device show gate'],
  arguments: { words: { term: '[word...]', help: 'the words after skerry', read: (words) => [words ?? []].flat() } },
  options: {},
  output: 'none',
  async run({ words }, session) {
    const prefix = words.at(-1) ?? ''
    const next = nextWords(words, session.commands)
    const found = 'words' in next ? next.words : await namesOf(next.kind, prefix, session)
    const fitting = [...new Set(found)].filter((word) => word.startsWith(prefix))
    session.print({ json: fitting, text: () => fitting.join('\n') })
  },
})

async function namesOf(kind: string, prefix: string, session: Session): Promise<readonly string[]> {
  if (kind === 'context') return (await listNamedContexts(session.io.env)).map(({ name }) => name)
  const lookup = LOOKUPS[kind]
  if (!lookup) return []
  try {
    const { client } = await session.hub()
    const { rows } = await lookup({ client, prefix, signal: session.signal })
    return rows.map(({ name }) => name)
  } catch {
    // Nobody is signed in, or the hub does not answer: the shell completes nothing.
    return []
  }
}
