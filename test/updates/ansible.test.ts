/**
 * The roles of Ansible in deploy/ansible, by Debian's Ansible on this computer: a hub from a package, and a device that
 * joins it. There is no systemd in a container, so the test starts both programs by the files that the roles wrote.
 *
 * @module-tag deep it packs an agent and runs five playbooks; systemd-units.test.ts checks the units
 */
import { execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from '@skerry/testkit/free-port'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CommandLine, commandLine } from '../../examples/stage/command-line.ts'
import { type HubProgram, newHubHome, startHub } from '../../examples/stage/fleet.ts'
import { buildAgentPackage } from '../../scripts/agent/agent-package.ts'
import { lendModules, startInstalled } from './devices.ts'

const ROOT = join(import.meta.dirname, '../..')
const run = promisify(execFile)

/** The roles create a user, so they need root. */
const hasAnsible = spawnSync('ansible-playbook', ['--version']).status === 0 && process.getuid?.() === 0

/** A package without Node uses the one of the machine: here the one of these tests. */
const PATH = `${dirname(process.execPath)}:${process.env.PATH}`

let folder: string

/** Runs a role with these variables. Returns the number of changes. */
async function play(role: string, variables: Readonly<Record<string, unknown>>, ...options: string[]): Promise<number> {
  const playbook = join(folder, `${role}.yml`)
  const roles = join(ROOT, 'deploy/ansible/roles')
  await writeFile(
    playbook,
    JSON.stringify([{ hosts: 'all', gather_facts: false, roles: [{ role: join(roles, role) }] }]),
  )
  const file = join(folder, 'variables.json')
  await writeFile(file, JSON.stringify(variables), { mode: 0o600 })
  const env = {
    ...process.env,
    PATH,
    ANSIBLE_HOME: join(folder, 'ansible'),
    ANSIBLE_LOCAL_TEMP: join(folder, 'ansible'),
  }
  const args = ['-i', 'press-1,', '-c', 'local', '-e', `@${file}`, ...options, playbook]
  const { stdout } = await run('ansible-playbook', args, { cwd: folder, env }).catch((error: { stdout?: string }) => {
    throw new Error(`the role ${role} failed: ${error.stdout}`, { cause: error })
  })
  for (const secret of [/skj_/, /of-the-database/]) expect(stdout).not.toMatch(secret)
  return Number(/changed=(\d+)/.exec(stdout)?.[1])
}

describe.skipIf(!hasAnsible)('the roles', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skerry-ansible-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  test(
    'a hub is installed from a package, starts by its unit, and a second run changes nothing',
    async () => {
      const prefix = join(folder, 'prefix')
      const port = await freePort()
      await mkdir(join(folder, 'units'))
      const variables = {
        skerry_hub_package: await hubPackage(),
        skerry_hub_public_url: `https://127.0.0.1:${port}`,
        skerry_hub_listen: `127.0.0.1:${port}`,
        skerry_hub_options: `--git-root ${folder}`,
        skerry_hub_environment: { SKERRY_TEST_SECRET: 'secret of-the-database' },
        skerry_hub_prefix: prefix,
        skerry_hub_config_dir: join(folder, 'etc'),
        skerry_hub_unit_dir: join(folder, 'units'),
        skerry_hub_system_packages: [],
        skerry_hub_service: false,
        skerry_hub_user: 'root',
      }
      await expect(play('skerry_hub', { ...variables, skerry_hub_public_url: 'hub' })).rejects.toThrow(
        /skerry_hub_public_url to https/,
      )
      expect(await play('skerry_hub', variables)).toBeGreaterThan(3)
      expect(await play('skerry_hub', variables)).toBe(0)
      expect((await stat(join(folder, 'etc/hub.env'))).mode & 0o777).toBe(0o600)

      const unit = await readFile(join(folder, 'units/skerry-hub.service'), 'utf8')
      expect(unit).toContain(`EnvironmentFile=-${folder}/etc/hub.env`)
      const start = /^ExecStart=(.*)$/m.exec(unit)?.[1]?.replaceAll('/var/lib/skerry', join(folder, 'data')) ?? ''
      expect(start).toContain(`${prefix}/bin/skerry hub --data`)
      // As systemd does: the lines of the file are the environment, and $SKERRY_OPTIONS becomes several words.
      const shell = `set -a; . ${join(folder, 'hub.sh')}; set +a; exec ${start}`
      const lines = (await readFile(join(folder, 'etc/hub.env'), 'utf8')).replaceAll(/^(\w+)=(.*)$/gm, "$1='$2'")
      await writeFile(join(folder, 'hub.sh'), lines)
      const hub = spawn('sh', ['-c', shell], { env: { ...process.env, PATH }, stdio: ['ignore', 'ignore', 'pipe'] })
      let log = ''
      hub.stderr.on('data', (chunk) => {
        log += chunk
      })
      await until(() => log.includes('hub_ready'), { what: 'the installed hub is ready', seen: () => log })
      hub.kill('SIGTERM')
      await once(hub, 'exit')
    },
    PATIENCE_MS * 3,
  )

  test(
    'a device is installed once, joins its site with its labels, and a second run changes nothing',
    async () => {
      await lendModules(folder)
      const hub = await startHub(await newHubHome(join(folder, 'hub')))
      try {
        const skerry: CommandLine = commandLine(hub, folder)
        await skerry('site', 'create', 'hamburg', '--kind', 'edge', '--country', 'DE')
        const target = join(folder, 'agent.tar')
        await buildAgentPackage({ target, version: '0.1.0', patch: {} })
        await skerry('agent', 'push', target, '--alias', 'stable')
        await installDevice(hub)
      } finally {
        await hub.stop()
      }
    },
    PATIENCE_MS * 3,
  )
})

async function installDevice(hub: HubProgram): Promise<void> {
  const dir = join(folder, 'press-1')
  const variables = {
    skerry_agent_site: 'hamburg',
    skerry_agent_labels: { line: '4', hall: 'b' },
    skerry_agent_dir: dir,
    skerry_agent_user: 'root',
    skerry_agent_options: ['--clearance', 'internal'],
    skerry_agent_service: false,
    skerry_agent_command: [process.execPath, join(ROOT, 'apps/cli/src/main.ts')],
    skerry_agent_command_environment: {
      SKERRY_HUB: hub.url,
      SKERRY_KEY: hub.connection.key,
      SKERRY_CA_FILE: hub.authorityPath,
      SKERRY_HOME: folder,
    },
  }
  await play('skerry_agent', variables, '--check')
  expect(await readdir(folder)).not.toContain('press-1')
  expect(await play('skerry_agent', variables)).toBe(1)
  expect(await play('skerry_agent', variables)).toBe(0)
  expect(await readFile(join(dir, 'start'), 'utf8')).toContain("'--clearance' 'internal'")
  const started = startInstalled(dir, folder)
  try {
    const device = await until(async () => {
      const found = await hub.client.device.get({ device: 'press-1' }).catch(() => undefined)
      return found?.link.connected && found
    })
    expect(device).toMatchObject({ site: 'hamburg', labels: { line: '4', hall: 'b' } })
  } finally {
    await started.stop()
  }
}

/** The form of skerry.tgz, with the sources of this repository behind its command: npm fetches nothing. */
async function hubPackage(): Promise<string> {
  const source = join(folder, 'package')
  await mkdir(join(source, 'bin'), { recursive: true })
  await writeFile(
    join(source, 'package.json'),
    JSON.stringify({ name: 'skerry', version: '0.1.0', bin: { skerry: 'bin/skerry' } }),
  )
  const main = join(ROOT, 'apps/cli/src/main.ts')
  await writeFile(join(source, 'bin/skerry'), `#!/bin/sh\nexec ${process.execPath} ${main} "$@"\n`, { mode: 0o755 })
  await run('tar', ['-czf', join(folder, 'skerry.tgz'), '-C', folder, 'package'])
  return join(folder, 'skerry.tgz')
}
