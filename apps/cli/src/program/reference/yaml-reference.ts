/** YAML reference: docs/reference/yaml.md, made from the schemas of the documents that "skerry apply" takes. */
import { manifestKinds } from '@skerry/client/manifests/manifest'
import { inputSchema, type JsonSchema, shapesOf } from '@skerry/client/manifests/yaml-fields'

type Kind = keyof typeof manifestKinds

const HEAD = `# Files for skerry apply

<!-- Written by apps/cli/src/program/reference/write-reference.ts from the schemas. -->

\`skerry apply -f FILE\` takes YAML documents of these kinds, in any order. The command checks all of them before it changes anything. It
applies sites first, then groups, then deployments. \`-o yaml\` prints a thing as such a document: \`skerry deployment show NAME -o yaml\`.
The command reports an unknown field with its line, and names the field that the author probably meant.
`

const EXAMPLES: Readonly<Record<Kind, string>> = {
  Site: `apiVersion: skerry/v1
kind: Site
metadata:
  name: rotterdam
  labels: { line: "4" }
spec:
  kind: edge
  country: NL`,
  Group: `apiVersion: skerry/v1
kind: Group
metadata:
  name: pumps
spec:
  selector: device.labels.kind == "pump"`,
  Deployment: `apiVersion: skerry/v1
kind: Deployment
metadata:
  name: anomaly
spec:
  deployable: anomaly
  version: 2
  selector: group:pumps
  strategy:
    waves:
      - limit: 10%
        soakSeconds: 300
      - {}`,
}

/** The meaning of the fields that people look for. */
const MEANINGS: Readonly<Record<string, string>> = {
  'metadata.name': 'the name; it never changes',
  'metadata.labels': 'labels of the site, for selectors',
  'spec.kind': 'the kind of site',
  'spec.country': 'the country whose law applies (ISO 3166-1)',
  'spec.region': 'a region, in your own words',
  'spec.coordinates': 'the place on the map, in degrees (WGS 84)',
  'spec.clearance': 'the most sensitive data that may be handled at the site',
  'spec.selector': 'the devices; CEL over `device` and `site`, with `group:NAME` for groups',
  'spec.description': 'the purpose of the group',
  'spec.deployable': 'the name of the model, flow or app',
  'spec.version': 'a number, `latest` or `@alias`',
  'spec.build': 'a build of the version, or `best`',
  'spec.placement': 'the policy by which the hub chooses among the matching devices; see [places](../models/places.md)',
  'spec.strategy': 'how a change reaches the devices; see [deploying](../deploying.md)',
  'spec.strategy.waves': 'the waves in their order; without them, all devices change in one',
  'spec.serving': 'how a device serves the version',
  'spec.probation': 'how long a new version is on trial on a device before it counts as good',
  'spec.config': 'settings of the version',
  'spec.configAt': 'settings that differ at `site:NAME` or on `device:NAME`',
}

/** The whole text of docs/reference/yaml.md. */
export function yamlReferenceText(): string {
  const sections = Object.entries(manifestKinds).map(([kind, schema]) => {
    // Shapes of one field share fields.
    const all = new Map(rowsOf(inputSchema(schema), '').map((row) => [row[0], row]))
    const rows = [...all.values()].map((cells) => `| ${cells.join(' | ')} |`)
    return [
      `## ${kind}`,
      `\`\`\`yaml\n${EXAMPLES[kind as Kind]}\n\`\`\``,
      `| Field | Type | Default | Is |\n|---|---|---|---|\n${rows.join('\n')}`,
    ].join('\n\n')
  })
  return `${HEAD}\n${sections.join('\n\n')}\n`
}

/** Every kind of document has them. */
const EVERYWHERE: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata', 'spec'])

type Row = readonly [field: string, type: string, usual: string, meaning: string]

function rowsOf(schema: JsonSchema, path: string): Row[] {
  return shapesOf(schema).flatMap(({ properties = {}, required = [], items }) => [
    ...Object.entries(properties).flatMap(([name, field]) => {
      const own = path === '' ? name : `${path}.${name}`
      const row: Row = [
        `\`${own}\``,
        cell(typeText(field)),
        required.includes(name) ? 'needed' : cell(usualText(field)),
        MEANINGS[own] ?? '',
      ]
      return [...(EVERYWHERE.has(own) ? [] : [row]), ...rowsOf(field, own)]
    }),
    ...(items ? rowsOf(items, `${path}[]`) : []),
  ])
}

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

/** Longer defaults are those of the fields below. */
const DEFAULT_LETTERS_MAX = 24

function usualText({ default: usual }: JsonSchema): string {
  const text = usual === undefined ? '' : JSON.stringify(usual)
  return text === '' || text.length > DEFAULT_LETTERS_MAX ? '' : `\`${text}\``
}

function typeText(field: JsonSchema): string {
  return [...new Set(shapesOf(field).map(shapeText))].filter((text) => text !== '').join(' or ')
}

function shapeText(shape: JsonSchema): string {
  if (shape.const !== undefined) return JSON.stringify(shape.const)
  if (shape.enum) return shape.enum.map((one) => `\`${String(one)}\``).join(', ')
  const type = [shape.type ?? 'any'].flat().join(' or ')
  if (type === 'string') return rangeText('text', [shape.minLength, shape.maxLength], 'characters')
  if (type === 'integer' || type === 'number') return rangeText(type, [shape.minimum, shape.maximum], '')
  if (type === 'array') return rangeText('list', [undefined, shape.maxItems], 'entries')
  if (type === 'object') return shape.properties ? 'fields' : 'names with values'
  return type
}

function rangeText(word: string, [least, most]: readonly (number | undefined)[], unit: string): string {
  const isBound = (bound: number | undefined) => bound !== undefined && Math.abs(bound) < Number.MAX_SAFE_INTEGER
  const parts = [
    ...(isBound(least) && least !== 0 ? [`at least ${least}`] : []),
    ...(isBound(most) ? [`at most ${most}`] : []),
  ]
  return parts.length === 0 ? word : `${word}, ${parts.join(', ')} ${unit}`.trim()
}
