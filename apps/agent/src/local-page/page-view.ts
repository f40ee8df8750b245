/** Page view: the local page of the device as HTML. */

import type { ConnectionStatus } from '@skerry/contract/connections/connection'
import type { TagReading } from '@skerry/contract/devices/device-command'
import type { SentItem } from '@skerry/contract/devices/device-report'
import type { ConsentEntry } from '../access/local-consents.ts'
import { type Markup, markup } from './markup.ts'
import type { PageFacts, TagFacts } from './page-facts.ts'
import { lengthText, sinceText, sizeText, timeText } from './page-texts.ts'

type Page = { title: string; main: Markup /** The form that ends the session. */; end?: Markup | undefined }

/** A whole document. */
export const documentText = ({ title, main, end }: Page): string =>
  markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Skerry</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/page.css">
<script src="/page.js" defer></script>
</head>
<body>
<header><h1>${title}</h1>${end}</header>
<p id="away" class="bad" role="status" hidden>The agent does not answer. The values below are old.</p>
${main}
</body>
</html>
`.html

/** The page to sign in. */
export const loginPage = (problem: string | undefined): string =>
  documentText({
    title: 'Sign in',
    main: markup`<main>
<form method="post" action="/login">
<label for="password">Password of this device</label>
<input id="password" name="password" type="password" autocomplete="current-password" required autofocus>
<button>Sign in</button>
</form>
${problem === undefined ? undefined : markup`<p class="bad" role="alert">${problem}</p>`}
<p class="quiet">The operator of the device sets it: <code>skerry agent --data DIR --set-page-password</code></p>
</main>`,
  })

/** A page for a request that the agent rejects. */
export const problemPage = (title: string, message: string): string =>
  documentText({
    title,
    main: markup`<main><p class="bad">${message}</p><p><a href="/">Back to the device</a></p></main>`,
  })

const hidden = (token: string): Markup => markup`<input type="hidden" name="token" value="${token}">`

const signOut = (token: string): Markup =>
  markup`<form method="post" action="/logout">${hidden(token)}<button>Sign out</button></form>`

/** The page of the device. */
export function devicePage(facts: PageFacts, token: string): string {
  const title = facts.identity?.name ?? 'This device'
  const main = markup`<main data-fresh>
${aboutDevice(facts)}
${problems(facts)}
${items(facts)}
${locks(facts)}
${equipment(facts)}
${remoteAccess(facts, token)}
${network(facts, token)}
<h2>Diagnostics</h2>
<p><a href="/diagnostics.json" download>Download diagnostics</a> <span class="quiet">State, log and checks in one file, without secrets.</span></p>
</main>`
  return documentText({ title, main, end: signOut(token) })
}

function aboutDevice({ identity, report, hubHeardMs, nowMs }: PageFacts): Markup {
  const { inventory, agentVersion } = report
  const hub = identity
    ? markup`${identity.hub}, ${hubHeardMs === undefined ? markup`<span class="bad">no answer since the agent started</span>` : `last answer ${sinceText(hubHeardMs, nowMs)} ago`}`
    : markup`This computer has not joined a hub.`
  return markup`<div class="scroll"><table aria-label="Device">
${identity && markup`<tr><th scope="row">Device</th><td>${identity.deviceId}</td></tr>`}
<tr><th scope="row">Hub</th><td>${hub}</td></tr>
<tr><th scope="row">Agent</th><td>${agentVersion}, runs for ${lengthText(process.uptime() * 1_000)}</td></tr>
<tr><th scope="row">Machine</th><td>${inventory.hostname}, ${inventory.arch}, ${inventory.cpuCount} CPUs, ${sizeText(inventory.memoryBytes)} memory, ${sizeText(inventory.diskFreeBytes)} of the disk are free</td></tr>
<tr><th scope="row">Time</th><td>${timeText(nowMs)}</td></tr>
</table></div>`
}

function problems({ report }: PageFacts): Markup {
  if (report.conditions.length === 0) return markup`<h2>Health</h2><p class="good">The device reports no problems.</p>`
  const rows = report.conditions.map(
    ({ code, message }) => markup`<tr><td class="bad">${code}</td><td>${message}</td></tr>`,
  )
  return markup`<h2>Health</h2>${tableOf('Problems', ['Problem', 'Message'], rows)}`
}

function items({ report, nowMs }: PageFacts): Markup {
  if (report.items.length === 0)
    return markup`<h2>Models, flows and apps</h2><p class="quiet">None are deployed here.</p>`
  const rows = report.items.map((item) => itemRow(item, nowMs))
  const heads = ['Name', 'Kind', 'Serves', 'Wanted', 'State', 'Reason', 'Requests', 'Failures']
  return markup`<h2>Models, flows and apps</h2>${tableOf('Models, flows and apps', heads, rows)}`
}

const itemRow = ({ name, kind, serving, target, state, sinceMs, cause, stats }: SentItem, nowMs: number): Markup =>
  markup`<tr><td>${name}</td><td>${kind}</td><td>${serving ? `version ${serving.version}` : 'nothing'}</td>
<td>version ${target.version}</td><td class="${state === 'failed' ? 'bad' : ''}">${state}, for ${sinceText(sinceMs, nowMs)}</td>
<td>${cause ? `${cause.message} (${cause.code})` : ''}</td><td>${stats?.requests}</td><td>${stats?.failures}</td></tr>`

function locks({ locks: held, nowMs }: PageFacts): Markup {
  if (held.length === 0)
    return markup`<h2>Locks</h2><p class="quiet">No lock holds. The device installs new versions.</p>`
  const rows = held.map(
    ({ name, reason, untilMs }) =>
      markup`<tr><td>${name}</td><td>${reason}</td><td>${untilMs === undefined ? 'it is released' : `${lengthText(untilMs - nowMs)} from now`}</td></tr>`,
  )
  return markup`<h2>Locks</h2><p>The device installs nothing.</p>${tableOf('Locks', ['Lock', 'Reason', 'Until'], rows)}`
}

function equipment({ connections, hubQueue }: PageFacts): Markup {
  if (connections.length === 0)
    return markup`<h2>Sources and sinks</h2><p class="quiet">None are set for this device.</p>`
  const waiting = hubQueue?.figures?.waiting ?? 0
  return markup`<h2>Sources and sinks</h2>
${tableOf('Sources and sinks', ['Name', 'Kind', 'State', 'Reason', 'Values a second', 'Waiting'], connections.map(connectionRow))}
${waiting > 0 ? markup`<p>${waiting} values wait for the hub.</p>` : undefined}`
}

function connectionRow({ name, kind, state, cause, figures }: ConnectionStatus): Markup {
  const shown = kind === 'source' ? markup`<a href="/tags?source=${encodeURIComponent(name)}">${name}</a>` : name
  return markup`<tr><td>${shown}</td><td>${kind}</td><td class="${state === 'up' ? 'good' : 'bad'}">${state}</td>
<td>${cause ? `${cause.message} (${cause.code})` : ''}</td><td>${figures && Math.round(figures.valuesPerSecond * 10) / 10}</td><td>${figures?.waiting}</td></tr>`
}

function remoteAccess({ grants, isConsentNeeded, allowRemote }: PageFacts, token: string): Markup {
  const rule =
    allowRemote.length === 0
      ? 'This device allows no remote access.'
      : `This device allows ${allowRemote.join(', ')}${isConsentNeeded ? ', after a person agrees here' : ''}.`
  const rows = grants.map((grant) => grantRow(grant, token))
  const heads = ['Person', 'Reason', 'Access', 'Ends in', 'State', 'Decision']
  return markup`<h2>Remote access</h2><p>${rule}</p>${rows.length > 0 ? tableOf('Remote access', heads, rows) : undefined}`
}

const STATES: Readonly<Record<ConsentEntry['state'], string>> = {
  waiting: 'waits for you',
  agreed: 'may be used',
  declined: 'declined',
}

function grantRow(
  { grant, holder, reason, kinds, targets, path, state, remainingMs }: ConsentEntry,
  token: string,
): Markup {
  const access = [kinds.join(', '), targets.join(', '), path].filter((text) => text).join('; ')
  const decide = (decision: string, word: string) =>
    markup`<form method="post" action="/consent">${hidden(token)}<input type="hidden" name="grant" value="${grant}"><button name="decision" value="${decision}">${word}</button></form> `
  return markup`<tr><td>${holder}</td><td>${reason}</td><td>${access}</td><td>${lengthText(remainingMs)}</td><td>${STATES[state]}</td>
<td>${state === 'agreed' ? undefined : decide('agree', 'Agree')}${state === 'declined' ? undefined : decide('decline', state === 'agreed' ? 'End' : 'Decline')}</td></tr>`
}

function network({ checks, nowMs }: PageFacts, token: string): Markup {
  const rows = checks.map(
    ({ target, milliseconds, problem, atMs }) =>
      markup`<tr><td>${target}</td><td class="${problem === undefined ? 'good' : 'bad'}">${problem ?? `connects in ${milliseconds ?? 0} ms`}</td><td>${sinceText(atMs, nowMs)} ago</td></tr>`,
  )
  return markup`<h2>Network</h2>
${rows.length > 0 ? tableOf('Network checks', ['Address', 'Result', 'Checked'], rows) : undefined}
<form method="post" action="/checks">${hidden(token)}<button>Check the network now</button></form>`
}

/** The page with the live values of a source. */
export function tagsPage(source: string, facts: TagFacts, { token, nowMs }: { token: string; nowMs: number }): string {
  const back = markup`<p><a href="/">Back to the device</a></p>`
  const shown = facts.ok
    ? markup`${tableOf(
        'Tags',
        ['Tag', 'Value', 'Quality', 'Received'],
        facts.readings.map((one) => tagRow(one, nowMs)),
      )}
${facts.omittedCount > 0 ? markup`<p class="quiet">${facts.omittedCount} further tags are not shown.</p>` : undefined}`
    : markup`<p class="bad">${facts.message}</p>`
  return documentText({ title: source, main: markup`<main data-fresh>${back}${shown}</main>`, end: signOut(token) })
}

/** The longest shown value, in characters. */
const VALUE_MAX = 200

function tagRow({ unit, value }: TagReading, nowMs: number): Markup {
  const content = value.quality === 'bad' ? '' : JSON.stringify(value.value).slice(0, VALUE_MAX)
  const cause = value.quality === 'good' ? '' : `: ${value.cause.message}`
  return markup`<tr><td>${value.tag}</td><td>${content}${unit !== undefined && content !== '' ? ` ${unit}` : ''}</td>
<td class="${value.quality === 'good' ? 'good' : 'bad'}">${value.quality}${cause}</td><td>${sinceText(value.receivedTimeMs, nowMs)} ago</td></tr>`
}

const tableOf = (label: string, heads: readonly string[], rows: readonly Markup[]): Markup =>
  markup`<div class="scroll"><table aria-label="${label}"><thead><tr>${heads.map((head) => markup`<th scope="col">${head}</th>`)}</tr></thead><tbody>${rows}</tbody></table></div>`
