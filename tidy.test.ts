/**
 * Rules that the linters do not check: limits on files, forbidden words, and documents that must agree with the code.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { errors } from '@skerry/contract/errors/errors'
import { kinds } from '@skerry/contract/kinds/kinds'
import { failureOf, REJECTIONS } from '@skerry/core/devices/device-refusal'
import { expect, onTestFinished, test } from 'vitest'
import { errorsPage } from './scripts/pages/errors-page.ts'
import { countWords } from './scripts/words/comment-words.ts'

const FILE_LINES_MAX = 400

const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '--deduplicate'], {
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => path !== '' && isThere(path))
const code = tracked.filter((path) => /\.(ts|mjs)$/.test(path) && !path.includes('/generated/'))
/** Pages, too: no rule is switched off in them either. */
const pages = tracked.filter((path) => path.endsWith('.tsx'))
const text = (path: string) => readFileSync(path, 'utf8')

/** The first line of each file that the pattern matches, as `path:line: text`. */
const findLines = (paths: readonly string[], pattern: RegExp) =>
  paths.flatMap((path) =>
    text(path)
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [])),
  )

test('a file of code has at most 400 lines', () => {
  const long = [...code, ...pages].map((path) => ({ path, lines: text(path).split('\n').length - 1 }))
  expect(long.filter(({ lines }) => lines > FILE_LINES_MAX)).toEqual([])
})

test('nothing is postponed, and no rule is switched off on a line', () => {
  // Written in two halves, so that this file does not find itself.
  const words = ['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X', '@ts-ig' + 'nore', '@ts-no' + 'check', '@ts-expect-' + 'error']
  const switches = ['biome-ig' + 'nore', 'oxlint-dis' + 'able', 'eslint-dis' + 'able', '\\.on' + 'ly\\(']
  expect(findLines([...code, ...pages], new RegExp(`(${[...words, ...switches].join('|')})`))).toEqual([])
})

test('no file is a catch-all', () => {
  const vague = /(^|\/)(index|utils?|common|helpers?|types|misc|shared|placeholder)(\.ts|\/)/
  expect(code.filter((path) => vague.test(path))).toEqual([])
})

test('no path of the development machine is in the repository', () => {
  const texts = tracked.filter(
    (path) => /\.(ts|mjs|md|json|jsonc|ya?ml|sh|py)$/.test(path) && path !== 'package-lock.json',
  )
  // The home, the checkout and the folder around it. Documents may name folders that each Linux has.
  const known = [homedir(), import.meta.dirname, dirname(import.meta.dirname)]
  const everywhere = /^\/((opt|srv|usr|var|etc|data|mnt|media)(\/.*)?|home|tmp)?$/
  const places = known.filter((place) => !everywhere.test(place)).map((place) => `${place}/`)
  const escaped = places.map((place) => place.replaceAll(/[^\w/-]/g, String.raw`\$&`))
  expect(findLines(texts, new RegExp([...escaped, `${tmpdir()}/[a-z]+_jobs`].join('|')))).toEqual([])
})

// A linter whose configuration has a mistake is silent. So each rule must find a fault that is planted for it.
const plants: [rule: string, source: string][] = [
  ['noDefaultExport', 'export default function plant() {}'],
  ['noEnum', 'export enum Plant { Oak }'],
  ['noExplicitAny', `export const plant = (x: ${'a' + 'ny'}) => x`],
  ['noNamespace', 'export namespace Plant { export const oak = 1 }'],
  ['noNonNullAssertion', 'export const plant = (x?: string) => x!.length'],
  ['noReExportAll', "export * from './plant-0.ts'"],
  ['noBarrelFile', "export { plant } from './plant-2.ts'"],
  ['noImportCycles', "import { x } from './plant-8.ts'\nexport const y = x"],
  ['noImportCycles', "import { y } from './plant-7.ts'\nexport const x = y"],
  ['noConsole', "console.log('plant')"],
  ['noRestrictedGlobals', 'export const plant = () => Date.now()'],
  ['core takes random numbers', 'export const plant = () => Math.random()'],
]

type Diagnostic = { category: string; message: string; location: { path: string } }

test('each lint rule finds its planted violation', () => {
  const folder = mkdtempSync(join(tmpdir(), 'skerry-plants-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const path of ['biome.json', 'plugins', '.gitignore']) cpSync(path, join(folder, path), { recursive: true })
  mkdirSync(join(folder, 'packages/core/src'), { recursive: true })
  for (const [index, [, source]] of plants.entries()) {
    writeFileSync(join(folder, `packages/core/src/plant-${index}.ts`), `${source}\n`)
  }
  const biome = join(process.cwd(), 'node_modules/.bin/biome')
  const { stdout } = spawnSync(biome, ['lint', '--reporter=json', '--max-diagnostics=none'], {
    cwd: folder,
    encoding: 'utf8',
  })
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: Diagnostic[] }
  const found = diagnostics.map(({ category, message, location }) => `${location.path} ${category} ${message}`)
  const missed = plants.filter(
    ([rule], index) => !found.some((line) => line.includes(`plant-${index}.ts`) && line.includes(rule)),
  )
  expect(missed).toEqual([])
})

test('oxlint finds a function of 31 statements', () => {
  const folder = mkdtempSync(join(tmpdir(), 'skerry-plants-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  cpSync('.oxlintrc.json', join(folder, '.oxlintrc.json'))
  const plant = (statements: number) =>
    `export function plant() {\n${'  oak()\n'.repeat(statements)}}\nfunction oak() {}\n`
  writeFileSync(join(folder, 'long.ts'), plant(31))
  writeFileSync(join(folder, 'short.ts'), plant(30))
  const oxlint = join(process.cwd(), 'node_modules/.bin/oxlint')
  const { stdout } = spawnSync(oxlint, ['-f', 'unix'], { cwd: folder, encoding: 'utf8' })
  expect(stdout).toMatch(/long\.ts:.*max-statements/)
  expect(stdout).not.toMatch(/short\.ts/)
})

/** The root, where tools look for their files, and lists by their nature: documents, data of tests, snapshots, pictures. */
const LISTS =
  /^\.$|^docs\/(?:adr|images)$|^examples\/sources$|^test\/releases\/\d|\/test-data$|\/snapshots(?:\/|$)|\/generated$/
const FOLDER_FILES_MAX = 20

test('a folder has at most 20 files, not counting tests beside them', () => {
  const folders = new Map<string, Set<string>>()
  for (const path of tracked) {
    const names = folders.get(dirname(path)) ?? new Set()
    folders.set(dirname(path), names.add(basename(path).replace(/\.test(?=\.tsx?$)|(?:\.d)?\.mts$|\.mjs$/, '')))
  }
  const full = [...folders].filter(([folder, names]) => !LISTS.test(folder) && names.size > FOLDER_FILES_MAX)
  expect(full.map(([folder, names]) => `${folder}: ${names.size}`)).toEqual([])
})

/** Of a folder's comment sentences, at most this share may stand on a headless clause (scripts/words). */
const HEADLESS_PERCENT_MAX = 2

test('the comments of a folder are plain: subject, verb, object', () => {
  const typed = [...code, ...pages].filter((path) => /\.tsx?$/.test(path))
  const counts = countWords(typed.map((path) => ({ folder: dirname(path), text: text(path) })))
  // In a small folder one sentence is more than two per cent.
  const dense = counts.filter(({ headless, percent }) => headless > 1 && percent > HEADLESS_PERCENT_MAX)
  expect(dense.map(({ folder, headless, sentences }) => `${folder}: ${headless} of ${sentences}`)).toEqual([])
})

test('docs/reference/errors.md says what the code says; "npm run generate" writes it', () => {
  expect(text('docs/reference/errors.md')).toBe(errorsPage())
})

test('every error code can be met: a procedure, a route or the hub itself answers with it', () => {
  const sources = code.filter((path) => !/errors\.ts$|error-advice\.ts$|\.test\.ts$/.test(path)).map(text)
  const unused = Object.keys(errors).filter((name) => !sources.some((source) => source.includes(`'${name}'`)))
  expect(unused).toEqual([])
})

test.each(['hub', 'agent'])('docs/running.md names the options of the %s, and no others', (app) => {
  const own = [
    'connections/place-options.ts',
    'gateway/gateway-options.ts',
    'settings/app-access-options.ts',
    'settings/fact-options.ts',
    'settings/proxy-options.ts',
    'system/system-options.ts',
    'local-page/page-options.ts',
    'campaigns/training-options.ts',
    'pair/pair-options.ts',
  ]
  const parts = own.map((path) => `apps/agent/src/${path}`)
  const help = [`apps/${app}/src/options.ts`, ...(app === 'agent' ? parts : [])]
  const options = new Set(
    help
      .map((path) => text(path).replace(/export const [A-Z_]+_HELP = `/, ''))
      .join('\n')
      .match(/^ {2}--[a-z0-9-]+/gm)
      ?.map((flag) => flag.trim()),
  )
  const section =
    text('docs/running.md')
      .split(/^## /m)
      .find((part) => part.includes(`skerry ${app} --`)) ?? ''
  const named = section
    .split('\n')
    .filter((line) => line.startsWith('| `--'))
    .flatMap((row) => row.split(' | ')[0]?.match(/--[a-z0-9-]+/g) ?? [])
  expect(new Set(named)).toEqual(options)
})

/** Codes between the agent's own processes and modules, which never leave the agent. */
const INTERNAL_CODES = [
  'slot_unknown',
  'link_closed',
  'link_failed',
  'link_refused',
  'order_failed',
  'server_unreachable',
  'simulator_broken',
  'certificate_renewed',
  'slot_unknown',
]

/** An agent that does not start prints these on the terminal, so no hub receives them: docs/running.md has them. */
const START_CODES = [
  'tpm_tools_missing',
  'tpm_missing',
  'tpm_pcrs_changed',
  'tpm_foreign',
  'tpm_failed',
  'device_key_damaged',
]

/** The chat API of a device answers callers with these. No hub receives them: docs/models/language-models.md has them. */
const CHAT_CODES = [
  ...['deadline_passed', 'method_refused', 'model_failed', 'prompt_too_long', 'queue_full', 'request_cancelled'],
  ...['route_unknown', 'schema_broken', 'version_unknown'],
]

test('docs/models/language-models.md names the codes of the chat API', () => {
  const page = text('docs/models/language-models.md')
  expect(CHAT_CODES.filter((name) => !page.includes(`| \`${name}\` |`))).toEqual([])
})

test('docs/running.md says what to do when an agent does not start', () => {
  const page = text('docs/running.md')
  expect(START_CODES.filter((name) => !page.includes(`| \`${name}\` |`))).toEqual([])
})

test('docs/reference/device-codes.md names the codes of devices, and no others', () => {
  const rows = new Set(
    [...text('docs/reference/device-codes.md').matchAll(/^\| `([a-z_]+)` \|/gm)].map(([, name]) => name ?? ''),
  )
  const said = (folder: RegExp) =>
    code
      .filter((path) => folder.test(path) && !/\.test\.ts$/.test(path))
      .map(text)
      .join('\n')
  const ofDevices = said(
    /^apps\/agent\/src\/|^packages\/core\/src\/(device\/(fit|proof\/golden|proof\/probation|item-life|document-acceptance)|deployments\/placement|kinds\/\w+)\.ts$/,
  )
  const met = new Set(
    [...ofDevices.matchAll(/(?:code: |(?:refuse|reject\w+)\()'([a-z]+_[a-z_]+)'/g)].map(([, name]) => name ?? ''),
  )
  expect(
    [...met].filter((name) => !rows.has(name) && ![...INTERNAL_CODES, ...START_CODES, ...CHAT_CODES].includes(name)),
  ).toEqual([])
  const all = said(/^(apps|packages)\/[^/]+\/src\//)
  expect([...rows].filter((name) => !all.includes(`'${name}'`))).toEqual([])
})

test('docs/reference/device-codes.md says which refusals count as rejected, as core does', () => {
  const rows = text('docs/reference/device-codes.md').matchAll(/^\| `([a-z_]+)` \| (failed|rejected) \|/gm)
  const counted = new Map([...rows].map(([, name, kind]) => [name ?? '', kind]))
  expect([...REJECTIONS].filter((name) => !counted.has(name))).toEqual([])
  for (const [code, kind] of counted) expect([code, failureOf({ code, message: '' })]).toEqual([code, kind])
})

/**
 * They branch on another union with a member of that name: the shapes of flow steps, lines, names of endpoints, and
 * roles in a chat.
 */
const OTHER_KINDS = [
  'apps/agent/src/language-models/language-child.ts',
  'packages/connectors/src/serial-line/serial-line.ts',
  'packages/contract/src/flows/flow-shapes.ts',
  'packages/core/src/flow/signal-origin.ts',
  'packages/inference/src/rest/rest-endpoint.ts',
]

test('no code outside a folder kinds/ branches on a deployable kind', () => {
  const names = Object.keys(kinds).join('|')
  const branch = new RegExp(
    `\\bisFlow\\(|\\bkind(Of\\([^)]*\\))?\\)? [=!]== '(${names})'|\\bcase '(${names})':|'(${names})' [=!]== `,
  )
  const production = [...code, ...pages].filter(
    (path) => /^(apps|packages)\/[^/]+\/src\//.test(path) && !/\.test\.tsx?$|\/kinds\//.test(path),
  )
  const found = new Set(findLines(production, branch).map((line) => line.split(':')[0] ?? ''))
  expect([...found].filter((path) => !OTHER_KINDS.includes(path)).sort()).toEqual([])
  expect(OTHER_KINDS.filter((path) => !found.has(path))).toEqual([])
})

test('links and paths in documents exist', () => {
  const pages = tracked.filter((path) => path.endsWith('.md') && path !== 'docs/reference/cli.md')
  const broken = pages.flatMap((page) => {
    const links = [...text(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link = '']) =>
      join(dirname(page), link),
    )
    const files = [...text(page).matchAll(/`((?:apps|packages|examples|scripts|docs|test)\/[\w./-]+\.\w+)`/g)].map(
      ([, path = '']) => path,
    )
    return [...links, ...files].filter((path) => !existsSync(path)).map((path) => `${page}: ${path}`)
  })
  expect(broken).toEqual([])
})

test('every dependency has its line in the ADR, and no line is unused', () => {
  // Only tracked files count: the build output of another branch stays behind in its folder.
  const manifests = tracked.filter((path) => /^((packages|apps)\/[^/]+\/)?package\.json$/.test(path))
  const named = manifests.flatMap((manifest) => {
    const { dependencies, devDependencies, optionalDependencies } = JSON.parse(text(manifest))
    return Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies })
  })
  const used = new Set(named.filter((name) => !name.startsWith('@skerry/')))
  const rows = [...text('docs/adr/0002-dependencies.md').matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name)
  expect([...rows].sort()).toEqual([...used].sort())
})

function isThere(path: string): boolean {
  try {
    return readFileSync(path).length >= 0
  } catch {
    return false
  }
}
