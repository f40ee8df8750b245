/**
 * Words that people see in the console and in the help of the command line: the usual words of the field, and no names
 * of fields on the wire. CONTRIBUTING.md asks for them; this test holds those that were once different.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')

/** The word that people see, by the words that it replaces. */
const USUAL: readonly [usual: string, instead: RegExp][] = [
  ['expires', /\b(expiresAt(Ms)?|valid until(?! (you|they|its)\b)|runs out (on|at)|TTL)\b/],
  ['applies to', /\b(appliesTo|is meant for|goes for)\b/],
  ['matching devices', /\b(picked devices|devices it picks|devices that it hits)\b/i],
  ['failures tolerated', /\b(failuresMax|failedMax|failures borne|borne failures|bears? \d+ failures)\b/i],
  ['minimum sample', /\b(minSample|sampleMin|reportedMin|enough told)\b/i],
  ['max unavailable', /\b(maxUnavailable|unavailableMax|downMax|down at once)\b/i],
  ['last seen', /\b(lastSeenAt(Ms)?|last heard|last told|last contact)\b/i],
  ['model instances', /\b(serving\.instances|sessions of the model|copies of the model)\b/i],
  ['specification', /\bits sheet\b/i],
  ['events', /\bhappenings\b/i],
  ['audit log', /\baudit trail\b/i],
  ['abort', /\b(call off|called off|give up the rollout)\b/i],
  ['roll back wave', /\b(take the wave back|wave goes back)\b/i],
  ['roll back all', /\b(take all back|all go back|roll all back)\b/i],
]

/** The texts of the console: string literals, without comments. */
function consoleTexts(): Map<string, string[]> {
  const folder = join(ROOT, 'apps/console/src')
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
    /(^|\/)english-[a-z-]+\.ts$/.test(path),
  )
  return new Map(
    files.map((path) => {
      const code = readFileSync(join(folder, path), 'utf8').replaceAll(/\/\*[\s\S]*?\*\//g, '')
      const lines = code.split('\n').map((line) => line.replace(/^\s*\/\/.*$/, ''))
      const literals = [
        ...lines.join('\n').matchAll(/'((?:[^'\\\n]|\\.)*)'|`((?:[^`\\]|\\.)*)`|"((?:[^"\\\n]|\\.)*)"/g),
      ]
      return [path, literals.map(([, one, two, three]) => (one ?? two ?? three ?? '').replaceAll(/\$\{[^}]*\}/g, ' '))]
    }),
  )
}

/** The help of each command. The names of YAML fields stand in a reference of their own. */
function helpTexts(): Map<string, string[]> {
  const folder = join(ROOT, 'apps/cli/src/snapshots/help')
  return new Map(
    readdirSync(folder).map((path) => [path, [readFileSync(join(folder, path), 'utf8').replaceAll(/\s+/g, ' ')]]),
  )
}

const findings = (texts: Map<string, string[]>) =>
  [...texts].flatMap(([path, all]) =>
    USUAL.flatMap(([usual, instead]) =>
      all.flatMap((text) => {
        const [found] = instead.exec(text) ?? []
        return found === undefined ? [] : [`${path}: "${found}" should be "${usual}"`]
      }),
    ),
  )

test('the console has texts, and each uses the usual words', () => {
  const texts = consoleTexts()
  expect([...texts.values()].flat().length).toBeGreaterThan(2_000)
  expect(findings(texts)).toEqual([])
})

test('the help of each command uses the usual words', () => {
  const texts = helpTexts()
  expect(texts.size).toBeGreaterThan(300)
  expect(findings(texts)).toEqual([])
})

test('a text with a word of the wire is found', () => {
  expect(findings(new Map([['a.ts', ['Devices below minSample wait', 'It is in the audit trail']]]))).toEqual([
    'a.ts: "minSample" should be "minimum sample"',
    'a.ts: "audit trail" should be "audit log"',
  ])
})
