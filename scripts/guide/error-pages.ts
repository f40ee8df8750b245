/**
 * Error pages: a page for each error code at a stable address, `/guide/errors/CODE`. They are plain files beside the
 * site: hundreds of pages in the site would enlarge the list of pages that each reader loads first.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { clientProblems } from '@skerry/client/problem'
import { api } from '@skerry/contract/api'
import { type ErrorCode, errors } from '@skerry/contract/errors/errors'
import { errorAdvice } from '../pages/error-advice.ts'
import { ROOT } from '../step.ts'
import { BASE } from './strict-pages.ts'

type Entry = {
  /** The cause, as the hub or the device states it. */
  happened: string
  next: string
  facts: readonly (readonly [name: string, value: string])[]
  /** The operations that answer with the code. */
  operations: readonly string[]
}

/** A page for each code, by its path below the site. */
export function errorPages(): Map<string, string> {
  const pages = new Map<string, string>()
  const ofDevices = deviceEntries()
  const ofHub = hubEntries()
  const ofClient = clientEntries()
  const codes = [...new Set([...ofHub.keys(), ...ofDevices.keys(), ...ofClient.keys()])].sort()
  for (const code of codes) {
    const entries = [ofHub, ofDevices, ofClient].map((each) => each.get(code)).filter((entry) => entry !== undefined)
    pages.set(`errors/${code}.html`, pageOf(code, entries))
  }
  pages.set('errors/index.html', indexOf(codes))
  pages.set('errors/errors.css', STYLE)
  return pages
}

function hubEntries(): Map<string, Entry> {
  const operations = operationsOf()
  const codes = Object.keys(errors) as ErrorCode[]
  return new Map(
    codes.map((code) => {
      const { status, message } = errors[code]
      const facts = [['Reported by', 'the hub'] as const, ['Status', String(status)] as const]
      return [code, { happened: message, next: errorAdvice[code], facts, operations: operations.get(code) ?? [] }]
    }),
  )
}

/** Problems that the command line and the console find themselves. The next step follows the semicolon. */
const clientEntries = (): Map<string, Entry> =>
  new Map(
    Object.entries(clientProblems).map(([code, message]) => {
      const [happened = '', next = 'Repeat the command.'] = message.split('; ')
      return [code, { happened, next, facts: [['Reported by', 'the command line and the console']], operations: [] }]
    }),
  )

/** Each procedure that answers with a code. A code that nearly all have is one of every request. */
function operationsOf(): Map<string, string[]> {
  const found = new Map<string, string[]>()
  const all = Object.values(api).flatMap((group) => Object.values(group))
  for (const procedure of all) {
    const { errorMap, route } = (procedure as unknown as Procedure)['~orpc']
    const line = `${route.method} ${route.path}: ${route.summary}`
    for (const code of Object.keys(errorMap)) found.set(code, [...(found.get(code) ?? []), line])
  }
  for (const [code, lines] of found) if (lines.length > all.length / 2) found.set(code, ['every request'])
  return found
}

type Procedure = {
  '~orpc': { errorMap: object; route: { method: string; path: string; summary: string } }
}

/** The rows of docs/reference/device-codes.md, by the names of their columns. */
function deviceEntries(): Map<string, Entry> {
  const entries = new Map<string, Entry>()
  let columns: readonly string[] = []
  for (const line of readFileSync(join(ROOT, 'docs/reference/device-codes.md'), 'utf8').split('\n')) {
    if (!line.startsWith('|')) continue
    const cells = line
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim().replaceAll('\\|', '|'))
    if (cells[0]?.startsWith('code')) columns = cells
    const cell = (name: RegExp) => cells[columns.findIndex((column) => name.test(column))]
    const code = /^`([a-z0-9_]+)`$/.exec(cells[0] ?? '')?.[1]
    if (code === undefined) continue
    const counts = cell(/^counts/)
    entries.set(code, {
      happened: cell(/happened|means/) ?? cells[1] ?? '',
      next: cell(/what to do|next|do$/) ?? cells.at(-1) ?? '',
      facts: [['Reported by', 'a device'], ...(counts ? [['In a rollout', `counts as ${counts}`] as const] : [])],
      operations: [],
    })
  }
  return entries
}

function pageOf(code: string, entries: readonly Entry[]): string {
  const parts = entries.map(({ happened, next, facts, operations }) =>
    [
      `<h2>What happened</h2><p>${rich(happened)}</p>`,
      `<h2>What to do next</h2><p>${rich(next)}</p>`,
      `<h2>Where it occurs</h2><dl>${facts.map(([name, value]) => `<dt>${name}</dt><dd>${rich(value)}</dd>`).join('')}</dl>`,
      operations.length > 0
        ? `<ul>${operations.map((operation) => `<li><code>${plain(operation)}</code></li>`).join('')}</ul>`
        : '',
    ].join('\n'),
  )
  return document(code, `<h1><code>${code}</code></h1>\n${parts.join('\n<hr>\n')}`)
}

const indexOf = (codes: readonly string[]): string =>
  document(
    'All error codes',
    `<h1>All error codes</h1>\n<ul class="all">${codes.map((code) => `<li><a href="${BASE}errors/${code}"><code>${code}</code></a></li>`).join('')}</ul>`,
  )

const document = (title: string, main: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} | Skerry</title>
<link rel="icon" href="${BASE}mark.svg" type="image/svg+xml">
<link rel="stylesheet" href="${BASE}errors/errors.css">
</head>
<body>
<header><a href="${BASE}">Skerry guide</a> <a href="${BASE}errors/">All error codes</a> <a href="${BASE}reference/errors">How errors look</a></header>
<main>
${main}
</main>
</body>
</html>
`

const plain = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** The few marks that the tables use: code, bold, and links, of which the words stay. */
const rich = (text: string): string =>
  plain(text)
    .replaceAll(/\[([^\]]+)\]\([^)]*\)/g, '$1')
    .replaceAll(/`([^`]+)`/g, '<code>$1</code>')
    .replaceAll(/\*\*([^*]+)\*\*/g, '<strong>$1</strong>')

const STYLE = `:root { color-scheme: light dark; --text: #14212b; --soft: #4a5965; --line: #d8dee4; --page: #ffffff; --link: #0b5c73; }
@media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --soft: #a9b6c2; --line: #2c3742; --page: #11181f; --link: #6cc4dc; } }
body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.6 ui-sans-serif, system-ui, sans-serif; }
header { display: flex; flex-wrap: wrap; gap: 4px 24px; padding: 16px 24px; border-bottom: 1px solid var(--line); }
main { max-width: 720px; margin: 0 auto; padding: 24px; overflow-wrap: anywhere; }
h1 { font-size: 28px; line-height: 1.3; } h2 { margin-top: 32px; font-size: 18px; }
a { color: var(--link); } code { font: 0.9em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 24px; } dt { color: var(--soft); } dd { margin: 0; }
ul { padding-left: 20px; } ul.all { columns: 2; } hr { border: 0; border-top: 1px solid var(--line); margin: 32px 0; }
@media (max-width: 560px) { ul.all { columns: 1; } }
`
