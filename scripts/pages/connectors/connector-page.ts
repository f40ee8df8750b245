/** Connector page: all about one protocol of sources or sinks, out of schemas, code, tests, documents and notes. */
import { readFile } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { DISCOVERABLE } from '@skerry/connectors/discovery'
import { SEND_BACKOFF } from '@skerry/connectors/forwarding/forwarder'
import { CONNECT_BACKOFF, REFUSED_BACKOFF } from '@skerry/connectors/sources/source-loop'
import type { ConnectionKind } from '@skerry/contract/connections/connection'
import { Sink } from '@skerry/contract/sinks/sink'
import { Source } from '@skerry/contract/sources/source'
import { parse } from 'yaml'
import * as z from 'zod'
import { ROOT } from '../../step.ts'
import { type Evidence, evidenceIn, fileHelp, helpOf, type JsonField, tagHelpOf } from '../protocol-forms.ts'
import { pagePath } from './connector-paths.ts'
import { optionRows } from './option-rows.ts'
import { sinkNotes } from './sink-notes.ts'
import { type ConnectorNote, sourceNotes } from './source-notes.ts'
import { CONNECTORS, testRows } from './test-rows.ts'

type Connector = {
  kind: ConnectionKind
  protocol: string
  note: ConnectorNote
  schema: JsonField
  evidence: readonly Evidence[]
  /** The text of docs/sources.md or docs/sinks.md. */
  document: string
  /** The code that opens a session. */
  code: string
  example: string
}

const text = (path: string) => readFile(join(ROOT, path), 'utf8')

/** The path of each page in the repository, and its text. */
export async function connectorPages(): Promise<ReadonlyMap<string, string>> {
  const connectors = [...(await connectorsOf('source')), ...(await connectorsOf('sink'))]
  return new Map(await Promise.all(connectors.map(async (one) => [pagePath(one), await pageOf(one)] as const)))
}

async function connectorsOf(kind: ConnectionKind): Promise<Connector[]> {
  const [document, notes] = [await text(`docs/${kind}s.md`), kind === 'source' ? sourceNotes : sinkNotes]
  const evidence = evidenceIn(document)
  return Promise.all(
    Object.entries<ConnectorNote>(notes).map(async ([protocol, note]) => ({
      kind,
      protocol,
      note,
      document,
      schema: schemaOf(kind, protocol),
      evidence: evidence.filter((row) => row.protocol === protocol),
      code: await text(`${CONNECTORS}/src/${protocol}/${kind === 'source' ? 'session' : 'sink'}.ts`),
      example: await text(`examples/${note.example}`),
    })),
  )
}

function schemaOf(kind: ConnectionKind, protocol: string): JsonField {
  const options: readonly z.ZodType[] = kind === 'source' ? Source.options : Sink.options
  const schemas = options.map((option): JsonField => {
    return JSON.parse(JSON.stringify(z.toJSONSchema(option, { io: 'input', unrepresentable: 'any' })))
  })
  const found = schemas.find(({ properties }) => properties?.protocol?.const === protocol)
  if (!found) throw new Error(`no ${kind} has the protocol ${protocol}`)
  return found
}

async function pageOf(it: Connector): Promise<string> {
  const { kind, protocol, note, evidence, example } = it
  const parts = [
    `# ${note.title}: ${kind === 'source' ? 'a source' : 'a sink'}`,
    evidence.map(({ what }) => `${what.replace(/\.$/, '')}.`).join(' '),
    `In the file of a ${kind} it is \`protocol: ${protocol}\`. [${kind === 'source' ? 'Sources' : 'Sinks'}](../../${kind}s.md) has everything that all ${kind}s share. \`npm run generate\` writes this page.`,
    `## Before you begin\n${listOf(note.prepare)}`,
    `## Example\n\`\`\`yaml\n${example.trimEnd()}\n\`\`\`\n\n${exampleWords(it)}`,
    `## Functions\n${kind === 'source' ? sourceFunctions(it) : sinkFunctions(it)}`,
    `## Security\n${listOf(note.security)}\n\nA file never holds a password: it names a [secret](../../secrets.md).`,
    `## Options\n${await optionsOf(it)}`,
    ...note.sections.map((heading) => `## ${sectionTitle(it, heading)}\n${sectionOf(it, heading)}`),
    `## Reconnecting\n${kind === 'source' ? SOURCE_RECONNECTING : SINK_RECONNECTING}`,
    `## Tested against\n${await testedAgainst(it)}`,
  ]
  return `${parts.map((part) => part.trim()).join('\n\n')}\n`
}

/** The hub needs no file of its own: a flow names it. */
const exampleWords = ({ kind, note: { example } }: Connector): string =>
  example.startsWith('flows/')
    ? `A flow sends values to the hub by \`kind: hub\`. This flow is \`examples/${example}\`.`
    : `The file is \`examples/${example}\`. \`skerry ${kind} check FILE\` checks one like it without a hub.`

const sectionTitle = ({ note }: Connector, heading: string): string =>
  note.sections.length > 1 ? heading : 'How it works'

const listOf = (entries: readonly string[]) => entries.map((entry) => `- ${entry}`).join('\n')

const yes = (is: boolean) => (is ? 'yes' : 'no')

const tableOf = (head: readonly string[], rows: readonly string[]) =>
  [`| ${head.join(' | ')} |`, `|${head.map(() => '---').join('|')}|`, ...rows].join('\n')

/** A session without writing answers every write with one error. */
const writesNothing = (code: string) => /\bwrite: async \([^)]*\) => \(\{\s*ok: false/.test(code)

/** Whether a source of the protocol can write, as its code says. */
export const canWrite = (code: string): boolean => !writesNothing(code)

function sourceFunctions({ protocol, code, schema }: Connector): string {
  const isSubscribing = /\bsubscribe[(:]/.test(code)
  const tag = schema.properties?.groups?.items?.properties?.tags?.items?.properties
  const isDiscovered = DISCOVERABLE.some((name) => name === protocol)
  return tableOf(
    ['function', 'here'],
    [
      `| Reading | ${isSubscribing ? 'the equipment or its file sends values by itself, or can do so' : 'the source requests the values of a group at the rate of the group'} |`,
      `| Writing | ${yes(canWrite(code))} |`,
      `| Arrays | ${yes(tag?.count !== undefined)} |`,
      `| Browsing (\`skerry source browse\`) | ${yes(/\bbrowse[(:]/.test(code))} |`,
      `| Finding (\`skerry source discover\`) | ${yes(isDiscovered)} |`,
    ],
  )
}

const sinkFunctions = ({ evidence, protocol }: Connector): string =>
  tableOf(
    ['function', 'here'],
    [
      `| A value arrives once | ${evidence.map(({ once }) => once).join('; ')} |`,
      `| Test without a value (\`skerry sink test\`) | ${protocol === 'hub' ? 'no: the link of the device shows it' : 'yes'} |`,
      `| Test with one value (\`--send\`) | ${protocol === 'hub' ? 'no' : 'yes'} |`,
    ],
  )

const OPTION_HEAD = ['option', 'values', 'default', 'meaning']

async function optionsOf({ kind, protocol, schema, code, example }: Connector): Promise<string> {
  const help = await helpOf(kind, protocol)
  const { connection, groups, queue, batch } = schema.properties ?? {}
  const table = (title: string, rows: string[]) =>
    rows.length === 0 ? [] : [`### ${title}\n${tableOf(OPTION_HEAD, rows)}`]
  const connectionTable = table('connection', optionRows(connection, help))
  if (kind === 'sink') {
    const queueHelp = await fileHelp('sinks/sink-queue.ts')
    const rest = [...table('queue', optionRows(queue, queueHelp)), ...table('batch', optionRows(batch, queueHelp))]
    return [...connectionTable, ...rest].join('\n\n')
  }
  const { tags, ...ofGroup } = groups?.items?.properties ?? {}
  const tag = acceptedFields(tags?.items, { code, example })
  const limits = `A source has at most ${groups?.maxItems} groups, and a group at most ${tags?.maxItems?.toLocaleString('en-US')} tags.`
  return [
    ...connectionTable,
    ...table('groups[]', optionRows({ ...groups?.items, properties: ofGroup }, help)),
    ...table('groups[].tags[]', optionRows(tag, await tagHelpOf(protocol))),
    limits,
  ].join('\n\n')
}

/** The fields that a tag of this protocol may have, by trial with the tags of the example, also without their options. */
function acceptedFields(tag: JsonField | undefined, by: { code: string; example: string }): JsonField {
  const draft: { groups: { tags: Record<string, unknown>[] }[] } = parse(by.example)
  const [group] = draft.groups
  const bare = (one: Record<string, unknown>) =>
    Object.fromEntries(Object.entries(one).filter(([field]) => tag?.required?.includes(field)))
  const tags = draft.groups.flatMap((one) => one.tags).flatMap((one) => [one, bare(one)])
  const isAccepted = (field: string): boolean => {
    if (field === 'write') return canWrite(by.code)
    const trial = TRIALS[field]
    if (!trial) return true
    const sources = tags.map((one) => ({ ...draft, groups: [{ ...group, tags: [{ ...one, ...trial }] }] }))
    return sources.some((source) => Source.safeParse(source).success)
  }
  const properties = Object.entries(tag?.properties ?? {}).filter(([field]) => isAccepted(field))
  return { ...tag, properties: Object.fromEntries(properties) }
}

/** Fields that some protocols reject, with a value that the others accept. */
const TRIALS: Readonly<Record<string, object>> = {
  mask: { mask: 1 },
  shift: { shift: 1 },
  clamp: { clamp: { max: 1 } },
  expect: { expect: { max: 1 } },
  unit: { unit: 'bar' },
  deadband: { deadband: { absolute: 1 } },
  silenceMaxMs: { deadband: { absolute: 1 }, silenceMaxMs: 10_000 },
}

/** The section of the document below a heading, with links that fit the place of the page. */
function sectionOf({ kind, document, protocol }: Connector, heading: string): string {
  const [, section] = document.split(new RegExp(`^#{2,3} ${heading.replaceAll('/', '\\/')}\\n`, 'm'))
  if (section === undefined) throw new Error(`docs/${kind}s.md has no heading "${heading}" for ${protocol}`)
  const [own = ''] = section.split(/^#{2,3} /m)
  return own.replaceAll(/\]\((?!https?:)([^)#\s]*)(#[^)\s]+)?\)/g, (_whole, file: string, anchor = '') => {
    const target = file === '' ? `docs/${kind}s.md` : posix.join('docs', file)
    return `](${posix.relative(`docs/connectors/${kind}s`, target)}${anchor})`
  })
}

const seconds = (ms: number) => `${(ms / 1_000).toLocaleString('en-US')} s`

const SOURCE_RECONNECTING = `While there is no connection, every tag of the source is bad, and flows see it. The source connects again by itself: the first attempt comes after about ${seconds(CONNECT_BACKOFF.baseMs)}, later ones at most ${seconds(CONNECT_BACKOFF.maxMs)} apart. If the equipment denies access, attempts are ${seconds(REFUSED_BACKOFF.baseMs)} to ${seconds(REFUSED_BACKOFF.maxMs)} apart, because some systems lock a user. A device restarts a source that crashes, and stops it after five crashes within ten minutes. More: [equipment that is slow, old or gone](../../sources.md#equipment-that-is-slow-old-or-gone).`

const SINK_RECONNECTING = `While the destination is away, values wait in the queue on the disk of the device. The sink tries again after about ${seconds(SEND_BACKOFF.baseMs)}, later at most ${seconds(SEND_BACKOFF.maxMs)} apart, and sends late values beside new ones. It counts each value that the queue must drop. More: [limits, and what is lost](../../sinks.md#limits-and-what-is-lost) and [the codes of problems](../../sinks.md#when-it-does-not-arrive).`

async function testedAgainst({ kind, protocol, note, evidence }: Connector): Promise<string> {
  const open = evidence.map((row) => row.open).filter((words) => words !== '')
  const conformance = kind === 'source' ? 'test/conformance.test.ts' : 'test/sinks/sink-conformance.test.ts'
  const stage = kind === 'source' ? 'test/stage/equipment.ts' : 'test/sinks-stage/sink-peers.ts'
  const isConforming = (await text(`${CONNECTORS}/${stage}`)).match(`(?:protocol|name): '${protocol}'`) !== null
  return [
    evidence.map(({ tested }) => `- ${tested}`).join('\n'),
    tableOf(['test', 'content', 'other programs'], await testRows(note.tests)),
    ...(isConforming
      ? [`All promises of ${kind}s are tested with this protocol, too: \`${CONNECTORS}/${conformance}\`.`]
      : []),
    ...(open.length > 0 ? [`**Not claimed**: ${open.join('; ')}.`] : []),
  ].join('\n\n')
}
