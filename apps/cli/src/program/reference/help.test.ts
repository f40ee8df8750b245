import { expect, test } from 'vitest'
import { cli } from '../../../test/stage/cli.ts'
import { groups } from '../command-groups.ts'
import { commands } from '../command-list.ts'

test('the help of all is as it was', async () => {
  const { code, out, err } = await cli(['--help'])
  expect({ code, err }).toEqual({ code: 0, err: '' })
  await expect(out).toMatchFileSnapshot('golden/help/skerry.txt')
})

test('no words at all get the help', async () => {
  expect(await cli([])).toEqual(await cli(['--help']))
})

test.each(Object.keys(groups))('the help of %s is as it was', async (name) => {
  const { code, out } = await cli([...name.split(' '), '--help'])
  expect(code).toBe(0)
  await expect(out).toMatchFileSnapshot(`golden/help/${name.replaceAll(' ', '-')}.txt`)
})

const own = commands.filter(({ output }) => output !== 'none')

test.each(own.map(({ name }) => name))('the help of %s is as it was, and has an example', async (name) => {
  const { code, out } = await cli([...name.split(' '), '--help'])
  expect(code).toBe(0)
  expect(out).toMatch(/Examples:\n {2}\$ /)
  await expect(out).toMatchFileSnapshot(`golden/help/${name.replaceAll(' ', '-')}.txt`)
})

test('every example begins as the command is called', () => {
  for (const { name, examples } of commands) {
    expect(examples.join('\n'), name).toContain(`skerry ${name}`)
  }
})

test('a command and its options are called by one name each', () => {
  const names = commands.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
  for (const { name, options } of commands) {
    const flags = options.flatMap((option) => option.flags.match(/(?<![\w-])--?[a-z][a-z-]*/g) ?? [])
    expect(new Set(flags).size, name).toBe(flags.length)
  }
})

test.each(['hub', 'agent'])('%s hands everything on, --help too', async (name) => {
  // The fake execve throws what it was asked for; where the app is missing the CLI says so.
  const { err } = await cli([name, '--help', '--json', '--data', 'x'])
  expect(err).toMatch(new RegExp(`execve .*/${name}/src/main.ts --help --json --data x|app_missing`))
})
