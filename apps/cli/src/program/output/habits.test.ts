/** Habits of other command lines: aliases, formats, watching, contexts and completion. */
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { OWNER_KEY } from '../../../test/fake-hub/fake-data.ts'
import { cli } from '../../../test/stage/cli.ts'
import { openSignedIn, type SignedIn } from '../../../test/stage/signed-in.ts'
import { commands } from '../command-list.ts'
import { knownWords } from '../names/spoken-words.ts'
import { writeProfile } from '../profile.ts'
import { nextWords } from '../reference/next-words.ts'

let home: SignedIn
let env: Record<string, string>

beforeEach(async () => {
  home = await openSignedIn()
  ;({ env } = home)
  return () => home[Symbol.asyncDispose]()
})

const names = commands.map(({ name }) => name)

test.each([
  ['--version', 'version'],
  ['help', '--help'],
  ['help device ls', 'device ls --help'],
  ['devices', 'device ls'],
  ['devices -o name', 'device ls -o name'],
  ['devices --help', 'device --help'],
  ['devices list', 'device ls'],
  ['sites get delft', 'site show delft'],
  ['batches list', 'batch ls'],
  ['device tokens list', 'device token ls'],
  ['organisations list', 'org ls'],
  ['site delete list', 'site rm list'],
  ['market catalogue remove x', 'market catalogue rm x'],
  ['status', 'status'],
  ['device show devices', 'device show devices'],
])('"skerry %s" is "skerry %s"', (typed, meant) => {
  expect(knownWords(typed.split(' '), names).join(' ')).toBe(meant)
})

test('no other word hides a command', () => {
  for (const name of names) expect(knownWords(name.split(' '), names).join(' ')).toBe(name)
})

const optionsOf = (flags: string) =>
  commands.flatMap(({ name, options }) =>
    Object.values(options).flatMap((option) => (option.flags === flags ? [{ name, option }] : [])),
  )

test('a scope of a source or sink is also a site or a device, in every command that takes one', async () => {
  const placed = optionsOf('--scope <scope>').map(({ name }) => name)
  expect(placed.length).toBeGreaterThan(8)
  const with_ = (flags: string) => optionsOf(flags).map(({ name }) => name)
  expect(placed.filter((name) => !with_('--site <site>').includes(name))).toEqual([])
  expect(placed.filter((name) => !with_('--device <device>').includes(name))).toEqual([])
  const both = await cli(['sink', 'rm', 'a', '--site', 'delft', '--scope', 'organisation', '--yes'], { env })
  expect(both).toMatchObject({ code: 2, err: expect.stringContaining('exclude each other') })
})

test('a device is named by its name or id, unless the option names the owner of a thing', () => {
  const ID = 'dev_aaaaaaaaaaaaaaaaaaaaaaaaaa'
  const nameOnly = optionsOf('--device <device>').flatMap(({ name, option }) => {
    try {
      option.read(ID)
      return []
    } catch {
      return [name]
    }
  })
  const owners = optionsOf('--scope <scope>').map(({ name }) => name)
  const others = nameOnly.filter((name) => !owners.includes(name))
  // The rows of an explanation, the spec of a learning and the owner of a secret have the name.
  expect(others.toSorted()).toEqual([
    'learn start',
    'placement explain',
    'scaling explain',
    'secret ls',
    'secret rm',
    'secret set',
    'secret show',
  ])
})

test('-o name prints one name a line, and -o json is --json', async () => {
  const { rows } = { rows: JSON.parse((await cli(['sites', '--json'], { env })).out) as { name: string }[] }
  const named = await cli(['site', 'list', '-o', 'name'], { env })
  expect(named).toEqual({ code: 0, err: '', out: `${rows.map(({ name }) => name).join('\n')}\n` })
  expect((await cli(['site', 'ls', '-o', 'json'], { env })).out).toBe(
    (await cli(['site', 'ls', '--json'], { env })).out,
  )
})

test('--no-headers leaves out the first line, and -o wide adds columns', async () => {
  const [head, ...rest] = (await cli(['site', 'ls'], { env })).out.split('\n')
  expect(head).toMatch(/^NAME/)
  const bare = (await cli(['site', 'ls', '--no-headers'], { env })).out.split('\n')
  expect(bare.map((line) => line.split(/\s+/)[0])).toEqual(rest.map((line) => line.split(/\s+/)[0]))
  const wide = (await cli(['device', 'ls', '-o', 'wide'], { env })).out.split('\n')[0]
  expect(wide).toMatch(/LABELS +ID +SYSTEM/)
  expect((await cli(['device', 'ls'], { env })).out.split('\n')[0]).not.toMatch(/SYSTEM/)
})

test.each([
  [['site', 'ls', '-o', 'xml'], 'the format cannot be "xml"'],
  [['site', 'ls', '-o', 'yaml', '--json'], 'exclude each other'],
])('%j is wrong usage', async (words, problem) => {
  const { code, err } = await cli(words, { env })
  expect([code, err]).toEqual([2, expect.stringContaining(problem)])
})

test('an error of a command with -o json is JSON', async () => {
  const { err } = await cli(['site', 'show', 'nowhere', '-o', 'json'], { env })
  expect(JSON.parse(err)).toMatchObject({ error: { code: 'site_unknown' } })
})

test('an error about an unknown name says which name is near', async () => {
  const [site = ''] = (await cli(['sites', '-o', 'name'], { env })).out.split('\n')
  const { err } = await cli(['site', 'show', `${site}x`], { env })
  expect(err).toContain(`Did you mean ${site}?`)
  expect((await cli(['site', 'show', 'nowhere'], { env })).err).not.toContain('Did you mean')
})

test('-w prints a list again only when it has changed', async () => {
  const controller = new AbortController()
  const printed: string[] = []
  const onOutput = (text: string) => {
    printed.push(text)
    if (printed.length === 2) controller.abort()
    const [first] = home.hub.state.sites.values()
    if (first) home.hub.state.sites.set('new-site', { ...first, name: 'new-site' })
  }
  const { code, out } = await cli(['site', 'ls', '-w', '-o', 'name'], { env, onOutput, signal: controller.signal })
  expect([code, printed.length]).toEqual([0, 2])
  expect(out.split('\n').filter((name) => name === 'new-site')).toHaveLength(1)
})

test('contexts keep the sign-ins of several hubs, readable only by their owner', async () => {
  const { SKERRY_HOME: path = '' } = env
  const own = { SKERRY_HOME: path }
  await writeProfile(own, { v: 1, hub: 'https://south.example:8443', key: OWNER_KEY, organisation: 'south' })
  expect((await cli(['context', 'add', 'south'], { env: own })).code).toBe(0)
  // A login of an older version writes cli.json alone.
  await writeProfile(own, { v: 1, hub: 'https://north.example:8443', key: OWNER_KEY })
  expect(JSON.parse((await cli(['contexts', '--json'], { env: own })).out)).toEqual([
    { name: 'north-example', isCurrent: true, hub: 'https://north.example:8443' },
    { name: 'south', isCurrent: false, hub: 'https://south.example:8443', organisation: 'south' },
  ])
  expect((await cli(['context', 'use', 'south'], { env: own })).out).toContain('https://south.example:8443')
  expect(JSON.parse(await readFile(join(path, 'cli.json'), 'utf8'))).toMatchObject({ organisation: 'south' })
  for (const file of ['cli.json', 'contexts.json']) expect((await stat(join(path, file))).mode & 0o777).toBe(0o600)
  expect((await cli(['context', 'use', 'east'], { env: own })).err).toContain('there are north-example, south')
  expect(JSON.parse((await cli(['context', 'rm', 'south', '--json'], { env: own })).out)).toEqual({
    name: 'south',
    wasCurrent: true,
  })
  expect((await cli(['whoami'], { env: { ...own, SKERRY_CONTEXT: 'south' } })).code).toBe(2)
})

test('SKERRY_CONTEXT chooses the hub of one command', async () => {
  const { SKERRY_HUB: hub = '', SKERRY_HOME: path = '', SKERRY_CA_FILE: ca = '' } = env
  const own = { SKERRY_HOME: path, SKERRY_CA_FILE: ca }
  await writeProfile(own, { v: 1, hub, key: OWNER_KEY })
  await cli(['context', 'add', 'fake'], { env: own })
  await writeProfile(own, { v: 1, hub: 'https://127.0.0.1:1', key: OWNER_KEY })
  expect((await cli(['site', 'ls'], { env: own })).code).toBe(3)
  expect((await cli(['site', 'ls'], { env: { ...own, SKERRY_CONTEXT: 'fake' } })).code).toBe(0)
})

test.each([
  [['dep'], { words: expect.arrayContaining(['deploy', 'deployment']) }],
  [['devices', ''], { words: expect.arrayContaining(['ls', 'show']) }],
  [['device', 'show', 'g'], { kind: 'device' }],
  [['device', 'logs', 'g', '--level', ''], { words: expect.arrayContaining(['warn']) }],
  [['device', 'ls', '-o', ''], { words: ['text', 'wide', 'json', 'yaml', 'name'] }],
  [['device', 'ls', '--no'], { words: expect.arrayContaining(['--no-headers', '--watch']) }],
])('after %j come %j', (line, expected) => {
  expect(nextWords(line, commands)).toEqual(expected)
})

test('complete prints the names of things on the hub, and nothing if there is no hub', async () => {
  const { out } = await cli(['complete', 'site', 'show', 'rott'], { env })
  expect(out).toBe('rotterdam\n')
  expect(await cli(['complete', 'site', 'show', ''], { env: { SKERRY_HOME: env.SKERRY_HOME ?? '' } })).toMatchObject({
    code: 0,
    err: '',
  })
})
