import { expect, test } from 'vitest'
import { cli } from '../../../test/stage/cli.ts'
import { groups } from '../command-groups.ts'
import { commands } from '../command-list.ts'

test('the help of the program is as in the golden file', async () => {
  const { code, out, err } = await cli(['--help'])
  expect({ code, err }).toEqual({ code: 0, err: '' })
  await expect(out).toMatchFileSnapshot('../../snapshots/help/skerry.txt')
})

test('every line of the help has a text, and only commands of this machine stand below it', async () => {
  const { out } = await cli(['--help'])
  const lines = out.split('\n').filter((line) => /^ {2}[a-z]/.test(line))
  expect(lines.filter((line) => !/^ {2}\S.* {2,}\S/.test(line))).toEqual([])
  const last = out.slice(out.indexOf('This machine:'), out.indexOf('Environment:'))
  const words = last.match(/^ {2}[a-z]+/gm)?.map((word) => word.trim())
  expect(words).toEqual(['hub', 'agent', 'simulate', 'mcp', 'completion', 'complete', 'version'])
})

test('a call without arguments prints the help', async () => {
  expect(await cli([])).toEqual(await cli(['--help']))
})

/** `skerry agent` is a program too: its help is the program's own. */
const programs = new Set(commands.filter(({ output }) => output === 'none').map(({ name }) => name))
const groupsAlone = Object.keys(groups).filter((name) => !programs.has(name))

test.each(groupsAlone)('the help of the group %s is as in the golden file', async (name) => {
  const { code, out } = await cli([...name.split(' '), '--help'])
  expect(code).toBe(0)
  await expect(out).toMatchFileSnapshot(`../../snapshots/help/${name.replaceAll(' ', '-')}.txt`)
})

const own = commands.filter(({ output }) => output !== 'none')

test.each(own.map(({ name }) => name))('the help of %s is as in the golden file, and has an example', async (name) => {
  const { code, out } = await cli([...name.split(' '), '--help'])
  expect(code).toBe(0)
  expect(out).toMatch(/Examples:\n {2}\$ /)
  await expect(out).toMatchFileSnapshot(`../../snapshots/help/${name.replaceAll(' ', '-')}.txt`)
})

test('every example begins with the name of its command', () => {
  for (const { name, examples } of commands) {
    expect(examples.join('\n'), name).toContain(`skerry ${name}`)
  }
})

test('a command and its options each have one name', () => {
  const names = commands.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
  for (const { name, options } of commands) {
    const flags = options.flatMap((option) => option.flags.match(/(?<![\w-])--?[a-z][a-z-]*/g) ?? [])
    expect(new Set(flags).size, name).toBe(flags.length)
  }
})

test.each(['hub', 'agent'])('%s passes on all arguments, --help too', async (name) => {
  // The fake execve throws its arguments. If the app is missing, the CLI reports that.
  const { err } = await cli([name, '--help', '--json', '--data', 'x'])
  expect(err).toMatch(new RegExp(`execve .*/${name}/src/main.ts --help --json --data x|app_missing`))
})
