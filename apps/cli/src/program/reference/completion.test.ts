import { spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isInstalled } from '@skerry/testkit/judges/judge'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cli, openTestFolder, type TestFolder } from '../../../test/stage/cli.ts'
import { commands } from '../command-list.ts'
import { completionScript, type Shell, shells } from './completion.ts'

let folder: TestFolder
beforeAll(async () => {
  folder = await openTestFolder()
  for (const shell of shells) await writeFile(pathOf(shell), completionScript(shell, commands))
})
afterAll(() => folder[Symbol.asyncDispose]())

const pathOf = (shell: Shell) => join(folder.path, `skerry.${shell}`)

/** What a shell says, with a home of its own. */
const ask = (shell: Shell, ...words: string[]) =>
  spawnSync(shell, words, { encoding: 'utf8', env: { ...process.env, HOME: folder.path } })

/** What bash offers for the last of these words. */
function offeredByBash(...words: string[]): string[] {
  const quoted = words.map((word) => `'${word}'`).join(' ')
  const script = `source '${pathOf('bash')}'; COMP_WORDS=(skerry ${quoted}); COMP_CWORD=${words.length}; _skerry; printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout, stderr } = ask('bash', '-c', script)
  expect(stderr).toBe('')
  return stdout.split('\n').filter((line) => line !== '')
}

test('bash completes commands, groups within groups, and options', () => {
  expect(offeredByBash('de')).toEqual(['device', 'deploy', 'deployment'])
  expect(offeredByBash('device', 'token', '')).toEqual(['create', 'ls', 'revoke'])
  expect(offeredByBash('rollout', 'w')).toEqual(['watch'])
  expect(offeredByBash('site', 'create', 'delft', '--c')).toEqual(['--country', '--coordinates', '--clearance'])
  expect(offeredByBash('device', 'ls', '--selector', 'x', '--j')).toEqual(['--json'])
  expect(offeredByBash('nonsense', 'x')).toEqual([])
})

test.skipIf(!isInstalled('zsh', '-c', 'true'))('zsh reads its script', () => {
  expect(ask('zsh', '-n', pathOf('zsh'))).toMatchObject({ status: 0, stderr: '' })
})

test.skipIf(!isInstalled('zsh', '-c', 'true'))('zsh follows the words to what may come next', () => {
  const script = `compdef() { }; source '${pathOf('zsh')}'; _describe() { print -l -- "\${(@P)2}"; }
    words=(skerry device token x); CURRENT=4; _skerry`
  const { stdout, stderr } = ask('zsh', '-f', '-c', script)
  expect(stderr).toBe('')
  expect(stdout.split('\n').map((line) => line.split(':')[0])).toEqual(['create', 'ls', 'revoke', ''])
})

test.skipIf(!isInstalled('fish', '-c', 'true'))('fish offers what may come next', () => {
  const script = `source '${pathOf('fish')}'; complete -C 'skerry device token '; complete -C 'skerry site create delft --cou'`
  const { stdout, stderr } = ask('fish', '--no-config', '-c', script)
  expect(stderr).toBe('')
  const words = stdout
    .trim()
    .split('\n')
    .map((line) => line.split('\t')[0])
  expect(words).toEqual(['create', 'ls', 'revoke', '--country'])
})

test('a shell that is none is refused', async () => {
  const { code, err } = await cli(['completion', 'csh'])
  expect(code).toBe(2)
  expect(err).toContain('must be one of bash, zsh, fish')
})
