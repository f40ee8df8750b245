/**
 * Messages: the data that leaves a process, by name: inputs and outputs of the API and of the device link, held documents,
 * signed statements, and records in files. The corpus of a release has values of each.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { api, byteRoutes } from '@skerry/contract/api'
import { schemasOf } from '@skerry/contract/api/procedure-schemas'
import { AuditArchive } from '@skerry/contract/audit/audit-archive'
import { AuditCheckpoint, AuditLine } from '@skerry/contract/audit/audit-checkpoint'
import { JournalDetail, JournalEntry } from '@skerry/contract/audit/device-journal'
import { BatchStatement } from '@skerry/contract/batches/job'
import { BenchCommand } from '@skerry/contract/builds/bench-command'
import { Candidate } from '@skerry/contract/builds/measurement'
import { SinkSpec, SourceSpec } from '@skerry/contract/connections/connection-spec'
import { CommonItem } from '@skerry/contract/devices/desired'
import { Capability, Hardware, SentInventory } from '@skerry/contract/devices/device'
import { Golden, GoldenInputs } from '@skerry/contract/devices/golden'
import { ItemReport } from '@skerry/contract/devices/item'
import { errors } from '@skerry/contract/errors/errors'
import { Flow, FlowInput, FlowSink } from '@skerry/contract/flows/flow'
import { FlowGolden, FlowOutput, FlowSample } from '@skerry/contract/flows/flow-recording'
import { FlowStep } from '@skerry/contract/flows/flow-step'
import { GitSourceSpec } from '@skerry/contract/git-sources/git-source'
import { AUTHORITIES } from '@skerry/contract/held/authorities'
import { CAMPAIGNS } from '@skerry/contract/held/campaigns'
import { CAPTURES } from '@skerry/contract/held/captures'
import { CONNECTIONS } from '@skerry/contract/held/connections'
import { LEARNINGS } from '@skerry/contract/held/learnings'
import { MONITORS } from '@skerry/contract/held/monitors'
import { PAIRS } from '@skerry/contract/held/pairs'
import { SECRETS } from '@skerry/contract/held/secrets'
import { SETTINGS } from '@skerry/contract/held/settings'
import { TRUST } from '@skerry/contract/held/trust'
import { JoinTokenContent } from '@skerry/contract/joining/join'
import { kinds } from '@skerry/contract/kinds/kinds'
import { AnswerSchema } from '@skerry/contract/language-models/answer-schema'
import { link } from '@skerry/contract/link/link'
import { CertificateStatement, LinkStatement } from '@skerry/contract/link/link-message'
import { ModelStatement, SigstoreBundle } from '@skerry/contract/models/signature'
import { TrustDocument } from '@skerry/contract/models/trust'
import { Sink } from '@skerry/contract/sinks/sink'
import { CameraConnection, CameraTag } from '@skerry/contract/sources/protocols/source-camera'
import { CameraSource, Source } from '@skerry/contract/sources/source'
import { parse } from 'yaml'
import * as z from 'zod'
import { ROOT } from '../step.ts'
import { examplesOf, type Gaps, type Known } from './examples.ts'

type Type = z.core.$ZodType

const HELD = [AUTHORITIES, CAMPAIGNS, CAPTURES, CONNECTIONS, LEARNINGS, MONITORS, PAIRS, SECRETS, SETTINGS, TRUST]

/** The schemas of this build, by name, such as `device.get output`. */
export const messages: ReadonlyMap<string, Type> = new Map([
  ...Object.entries(api).flatMap(([noun, table]) => proceduresOf(noun, table)),
  ...proceduresOf('link', link),
  ...HELD.flatMap(({ name, document, held }): [string, Type][] => [
    [`held ${name} document`, document],
    [`held ${name} report`, held],
  ]),
  ...Object.entries(kinds).map(([kind, { spec }]): [string, Type] => [
    `desired item ${kind}`,
    CommonItem.extend({ kind: z.literal(kind), spec }),
  ]),
  ['reported item', ItemReport],
  ...Object.entries({
    'audit archive': AuditArchive,
    'audit checkpoint': AuditCheckpoint,
    'audit line': AuditLine,
    'batch statement': BatchStatement,
    'certificate statement': CertificateStatement,
    flow: Flow,
    'flow golden': FlowGolden,
    'flow input': FlowInput,
    'flow output': FlowOutput,
    'flow sample': FlowSample,
    'flow sink': FlowSink,
    'flow step': FlowStep,
    golden: Golden,
    'golden inputs': GoldenInputs,
    'join token': JoinTokenContent,
    'journal detail': JournalDetail,
    'journal entry': JournalEntry,
    'link statement': LinkStatement,
    'model bundle': SigstoreBundle,
    'model statement': ModelStatement,
    sink: Sink,
    source: Source,
    'trust document': TrustDocument,
  }).map(([name, schema]): [string, Type] => [`record ${name}`, schema]),
])

type Table = Readonly<Record<string, Parameters<typeof schemasOf>[0]>>

function proceduresOf(noun: string, table: Table): [string, Type][] {
  return Object.entries(table).flatMap(([verb, procedure]) =>
    Object.entries(schemasOf(procedure)).map(([side, schema]): [string, Type] => [`${noun}.${verb} ${side}`, schema]),
  )
}

/** Whether the schema accepts the value with a field that it does not know. */
export function isTolerant(schema: Type, value: unknown): boolean {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isObject && z.safeParse(schema, { ...value, fieldOfTheFuture: { text: 'new' } }).success
}

/** Method and path of each procedure, and of each route of bytes. */
export const routes: Readonly<Record<string, string>> = Object.fromEntries([
  ...Object.entries(api).flatMap(([noun, table]) =>
    Object.entries(table).map(
      ([
        verb,
        {
          '~orpc': { route },
        },
      ]) => [`${noun}.${verb}`, `${route.method} ${route.path}`],
    ),
  ),
  ...Object.entries(byteRoutes).map(([name, { method, path }]) => [name, `${method} ${path}`]),
])

/** The HTTP status of each error code. */
export const statuses: Readonly<Record<string, number>> = Object.fromEntries(
  Object.entries(errors).map(([code, { status }]) => [code, status]),
)

/** The YAML file of an example. */
const example = (path: string): unknown => parse(readFileSync(join(ROOT, 'examples', path), 'utf8'))

/** The hub drops words that it does not know, so any text would be lost. */
const HARDWARE = Hardware.parse({
  instructions: Hardware.shape.instructions.element.options,
  accelerators: Hardware.shape.accelerators.element.options,
  containers: 'docker',
  masked: true,
})

const SSH_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA=='

/** Only an address of SSH has keys of its server. */
const GIT_SOURCES = [
  { url: 'https://git.example.com/plant.git', role: 'admin', signers: [{ name: 'anna', key: SSH_KEY }] },
  { url: 'ssh://git.example.com/plant.git', role: 'admin', hostKeys: [SSH_KEY], onLeave: 'remove', onDrift: 'repair' },
]

/** The version itself is the first, and has no build. */
function benchCandidates(gaps: Gaps): unknown[] {
  const [candidate = {}] = examplesOf(Candidate, new Map(), gaps)
  const { build: _, ...version } = Candidate.parse(candidate)
  return [version, { ...Candidate.parse(candidate), digest: `sha256:${'1'.repeat(64)}` }]
}

/** Values of schemas with rules that no search fulfils. */
function knownExamples(gaps: Gaps): Known {
  const flows = ['pump-anomaly', 'pump-vibration', 'label-orientation'].map((name) =>
    example(`flows/${name}/flow.yaml`),
  )
  const known = new Map<Type, readonly unknown[]>([
    [Flow, flows],
    [kinds.flow.detail.flow, flows.slice(0, 1)],
    [CameraSource, cameras(gaps)],
    [CommonItem.shape.must, [['probation']]],
    [AnswerSchema, [{ type: 'object', properties: { state: { enum: ['good', 'bad'] } }, required: ['state'] }]],
    [GitSourceSpec, GIT_SOURCES],
    [BenchCommand.shape.candidates, [benchCandidates(gaps)]],
    [SentInventory.shape.hardware, [HARDWARE]],
    [SentInventory.shape.capabilities, [[...Capability.options]]],
  ])
  const sources = examplesOf(Source, known, gaps)
  const sinks = examplesOf(Sink, known, gaps)
  return known.set(SourceSpec, sources).set(SinkSpec, sinks)
}

/** A camera has one group of one tag. */
function cameras(gaps: Gaps): unknown[] {
  const { groups, ...camera } = CameraSource.parse(example('sources/gate-camera.yaml'))
  const nothing: Known = new Map()
  const tags = examplesOf(CameraTag, nothing, gaps).map((tag) => ({ groups: [{ ...groups[0], tags: [tag] }] }))
  const connections = examplesOf(CameraConnection, nothing, gaps)
  return [
    ...tags.map((more) => ({ ...camera, ...more })),
    ...connections.map((connection) => ({ ...camera, groups, connection })),
  ]
}

/** The messages in a corpus: values of each, and the names of the messages whose readers accept unknown fields. */
export type RecordedMessages = {
  routes: Readonly<Record<string, string>>
  statuses: Readonly<Record<string, number>>
  tolerant: readonly string[]
  values: Readonly<Record<string, unknown[]>>
}

/** The messages of this build, and the places of schemas for which no value was found. */
export function recordMessages(): { recorded: RecordedMessages; gaps: Gaps } {
  const gaps: Gaps = new Set()
  const known = knownExamples(gaps)
  const values = new Map<string, unknown[]>()
  for (const [name, schema] of messages) {
    const own: Gaps = new Set()
    values.set(name, examplesOf(schema, known, own))
    for (const gap of own) gaps.add(`${name}${gap}`)
  }
  const areTolerant = ([name, schema]: [string, Type]) => values.get(name)?.every((value) => isTolerant(schema, value))
  const tolerant = [...messages].filter(areTolerant).map(([name]) => name)
  return { recorded: { routes, statuses, tolerant, values: Object.fromEntries(values) }, gaps }
}
