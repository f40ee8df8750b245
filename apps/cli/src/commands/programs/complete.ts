/** Complete: the names of things on the hub for the completion of shells. A shell shows no errors, so there are none. */
import { command } from '../../program/command.ts'
import { LOOKUPS } from '../../program/names/name-lookups.ts'
import { nextWords } from '../../program/reference/next-words.ts'
import type { Session } from '../../program/session.ts'
import { listNamedContexts } from '../../program/sign-in/contexts.ts'

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
