/** A scanner whose configuration has a mistake is silent. So this test plants secrets that it must find. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { ROOT, toolEnv } from './step.ts'

/**
 * Each is put together here, so that the scanner does not find this file. The last is the one of the tour by hand, which
 * opens nothing.
 */
const plants: Record<string, string> = {
  'api-key.md': ['sk', 'a'.repeat(20), 'B'.repeat(43)].join('_'),
  'join-token.txt': `skj_${'e'.repeat(120)}`,
  'private-key.ts': `const key = '-----BEGIN ${'PRIVATE'} KEY-----\n${'MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg'.repeat(3)}\n-----END ${'PRIVATE'} KEY-----'`,
  'database.yaml': `url: postgres://skerry:${'rosebud'}@db.example.com:5432/skerry`,
  'aws.env': `AWS_SECRET_ACCESS_KEY=${'wJalrXUtnFEMI'}/K7MDENG/bPxRfiCY${'ZZQQWWEERR'}`,
  'readme.md': 'sk_dnzqgyb3vz4yst6xgu7q_gVFT60SePQaoFb-vnKUotTrKgf37PZUfWMgqD4w4CeU',
}

test('the scan for secrets finds planted ones, and ignores the key in the tour', () => {
  const folder = mkdtempSync(join(tmpdir(), 'skerry-planted-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const path of ['.secretlintrc.json', '.secretlintignore']) cpSync(join(ROOT, path), join(folder, path))
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  for (const [name, text] of Object.entries(plants)) writeFileSync(join(folder, name), `${text}\n`)
  const { stdout, status } = spawnSync('secretlint', ['--format', 'json', '**/*'], {
    cwd: folder,
    encoding: 'utf8',
    env: toolEnv(),
  })
  expect(status).toBe(1)
  const found = (JSON.parse(stdout) as { filePath: string; messages: unknown[] }[])
    .filter(({ messages }) => messages.length > 0)
    .map(({ filePath }) => filePath.slice(filePath.lastIndexOf('/') + 1))
  expect(found.toSorted()).toEqual(
    Object.keys(plants)
      .filter((name) => name !== 'readme.md')
      .toSorted(),
  )
})
