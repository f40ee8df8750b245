/** deploy/compose.yaml and the balancer's configuration, read by those who would run them. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isInstalled } from '@skerry/testkit/judges/judge'
import { afterAll, expect, test } from 'vitest'
import { HELP } from '../apps/hub/src/options.ts'

const DEPLOY = join(import.meta.dirname, '../deploy')

const secrets = mkdtempSync(join(tmpdir(), 'skerry-compose-'))
for (const name of ['hub.env', 's3.env', 's3-credentials', 'postgres-password']) writeFileSync(join(secrets, name), '')
afterAll(() => rmSync(secrets, { recursive: true, force: true }))

type Service = {
  image: string
  command: string[] | null
  environment?: Record<string, string>
  read_only?: boolean
  user?: string
  cap_drop?: string[]
}

function config(more: Record<string, string>) {
  const env = { PATH: process.env.PATH, SKERRY_SECRETS: secrets, ...more }
  const args = ['--file', join(DEPLOY, 'compose.yaml'), 'config', '--format', 'json']
  const { status, stdout, stderr } = spawnSync('docker-compose', args, { env, encoding: 'utf8' })
  return { ok: status === 0, stdout, stderr }
}

test.skipIf(!isInstalled('docker-compose', 'version'))(
  'Compose reads it: pinned images, arguments that the hub knows, no secrets',
  () => {
    expect(config({}).stderr).toContain('SKERRY_PUBLIC_URL')
    const { stdout } = config({ SKERRY_PUBLIC_URL: 'https://hub.example.com:8443' })
    const { services } = JSON.parse(stdout) as { services: Record<string, Service> }
    expect(Object.keys(services).sort()).toEqual(['balancer', 'bucket', 'hub', 'postgres', 's3'])
    for (const { image } of Object.values(services)) expect(image).toMatch(/:v?\d+\.\d+(\.\d+)?(-alpine)?$/)
    const { hub } = services
    for (const argument of hub?.command ?? []) expect(HELP).toContain(`  ${argument.split('=')[0]}`)
    expect(hub).toMatchObject({ read_only: true, cap_drop: ['ALL'] })
    expect(Object.keys(hub?.environment ?? {})).toEqual(['AWS_SHARED_CREDENTIALS_FILE'])
  },
)

test.skipIf(!isInstalled('haproxy', '-v'))('HAProxy reads its configuration', () => {
  const { status, stderr } = spawnSync('haproxy', ['-c', '-f', join(DEPLOY, 'haproxy.cfg')], { encoding: 'utf8' })
  expect([status, stderr]).toEqual([0, expect.not.stringContaining('WARNING')])
})
