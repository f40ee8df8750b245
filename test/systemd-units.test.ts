/** The units of systemd in deploy: they are ones, and keep what docs/running.md says. Nothing here starts them: there is no systemd in a container. */
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

const textOf = (name: string) => readFileSync(`deploy/${name}.service`, 'utf8')

/** The directives of a section; each counts once here. */
function directivesOf(name: string): Map<string, string> {
  const directives = new Map<string, string>()
  for (const [, key = '', value = ''] of textOf(name).matchAll(/^([A-Za-z]+)=(.*)$/gm)) directives.set(key, value)
  return directives
}

const hasAnalyze = spawnSync('systemd-analyze', ['--version']).status === 0

describe.each([
  ['skerry-hub', 'hub', 20],
  ['skerry-agent', 'agent', 45],
] as const)('%s', (name, app, exposureMax) => {
  test('runs as a user of its own, keeps its files private, and gains no right', () => {
    expect(Object.fromEntries(directivesOf(name))).toMatchObject({
      User: 'skerry',
      UMask: '0077',
      StateDirectoryMode: '0700',
      NoNewPrivileges: 'yes',
      ProtectSystem: 'strict',
      ProtectHome: 'yes',
      PrivateTmp: 'yes',
      CapabilityBoundingSet: '',
      Restart: 'always',
    })
  })

  test('claims no watchdog that the program does not feed', () => {
    expect([...directivesOf(name).keys()]).not.toContain('WatchdogSec')
    expect(directivesOf(name).get('Type')).toBeUndefined()
  })

  test('names options that the program has', () => {
    const help = execFileSync(process.execPath, [`apps/${app}/src/main.ts`, '--help'], { encoding: 'utf8' })
    const options =
      directivesOf(name)
        .get('ExecStart')
        ?.match(/--[a-z-]+/g) ?? []
    expect(options.filter((option) => !help.includes(`${option} `))).toEqual([])
    expect(options).toContain('--data')
  })

  test.runIf(hasAnalyze)('is a unit to systemd, and exposed no more than it must be', () => {
    const path = `deploy/${name}.service`
    const verified = spawnSync('systemd-analyze', ['verify', '--recursive-errors=no', path], { encoding: 'utf8' })
    expect(verified.status, verified.stderr).toBe(0)
    expect(verified.stderr).not.toContain(`${name}.service:`)
    const audited = spawnSync(
      'systemd-analyze',
      ['security', '--offline=true', `--threshold=${exposureMax}`, '--no-pager', path],
      { encoding: 'utf8' },
    )
    expect(audited.status, audited.stdout.slice(-400)).toBe(0)
  })
})

test('a hub holds a connection for each device', () => {
  expect(Number(directivesOf('skerry-hub').get('LimitNOFILE'))).toBeGreaterThanOrEqual(65_536)
})
