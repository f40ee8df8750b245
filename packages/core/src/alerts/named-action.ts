/** Named action: puts the real names into the commands of an action, so that a person can copy them. */

/** The rules contain placeholders. A placeholder without a value, such as REASON, stays for the person. */
export type ActionNames = Partial<Record<'DEVICE' | 'SITE' | 'DEPLOYMENT' | 'MODEL' | 'FINDING', string | undefined>>

/** Only text in back quotes changes. Names of devices, sites, models and deployments need no quotes in a shell. */
export function namedAction(action: string, names: ActionNames): string {
  const values = new Map(Object.entries(names))
  const withNames = (command: string) => command.replace(/\b[A-Z]{2,}\b/g, (word) => values.get(word) ?? word)
  return action.replace(/`[^`]+`/g, withNames)
}

/** The command that lists all devices of an alert. Undefined if it is about one device. */
export function othersText(count: number, words: string | undefined, site?: string): string {
  if (count === 1 || words === undefined) return ''
  const places = site === undefined ? '' : ` site:${site}`
  return `. All ${count}: \`skerry device ls --filter '${words}${places}'\``
}
