/**
 * Group text: `group:NAME` in a selector, which stands for the selector of the group. The text is expanded before it is
 * compiled, so that a selector with groups means the same as one without, also in explanations and in scopes.
 */

/** Texts in quotes and comments first, which may contain anything, then a group. */
const TOKEN = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|\/\/.*|\bgroup:([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)/g

/** The groups that a selector names, each once. */
export const groupNames = (selector: string): string[] => [
  ...new Set([...selector.matchAll(TOKEN)].flatMap(([, name]) => (name === undefined ? [] : [name]))),
]

export type Expanded = { ok: true; text: string } | { ok: false; missing: string }

/** The selector with the selector of each group in place of its name. */
export function expandGroups(selector: string, selectors: ReadonlyMap<string, string>): Expanded {
  const missing = groupNames(selector).find((name) => !selectors.has(name))
  if (missing !== undefined) return { ok: false, missing }
  const text = selector.replaceAll(TOKEN, (token, name?: string) =>
    name === undefined ? token : wrapped(selectors.get(name) ?? ''),
  )
  return { ok: true, text }
}

/** A comment at the end would take the bracket with it. */
const wrapped = (text: string) => (text.includes('//') ? `(${text}\n)` : `(${text})`)

/** For a check of the syntax without a hub: each group counts as a condition that any device may fulfil. */
export const withoutGroups = (selector: string): string =>
  selector.replaceAll(TOKEN, (token, name?: string) => (name === undefined ? token : '(device.name != "")'))
