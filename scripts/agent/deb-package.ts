/**
 * Deb package: the agent for Debian and Ubuntu, as one file that `apt install ./skerry-agent.deb` installs. It brings
 * the first version, its launcher and a unit of systemd. The hub updates the versions afterwards.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { AgentPackage } from '@skerry/contract/agents/agent-package'
import { ROOT } from '../step.ts'
import { layOutSeed, PROGRAM_FOLDER, shareNode } from './seed.ts'

/** [deb(5)] The names of Debian for the processors. */
const ARCHITECTURES = { x64: 'amd64', arm64: 'arm64' } as const

const STATE = '/var/lib/skerry-agent'
const TOKEN = '/etc/skerry/join-token'

/** Only Debian and its relatives have the program by default. */
export const canBuildDeb = (): boolean => spawnSync('dpkg-deb', ['--version']).status === 0

/** Writes the .deb beside the package. The computer needs `dpkg-deb`. */
export async function buildDeb({ packageFile, target }: { packageFile: string; target: string }): Promise<void> {
  const work = await mkdtemp(`${target}.work-`)
  try {
    // The folder of mkdtemp is private, and would be the root folder of the package.
    await chmod(work, 0o755)
    const programs = join(work, PROGRAM_FOLDER)
    await mkdir(programs, { recursive: true })
    const manifest = await layOutSeed(programs, packageFile)
    await shareNode(programs, join(programs, 'bin/node'), manifest)
    await write(work, 'usr/lib/systemd/system/skerry-agent.service', await unitText())
    await write(
      work,
      'etc/default/skerry-agent',
      '# Options of the agent, such as --listen 0.0.0.0:8500\nSKERRY_OPTIONS=\n',
    )
    await write(work, 'usr/bin/skerry-agent-join', JOIN, 0o755)
    await write(work, 'usr/share/doc/skerry-agent/copyright', await readFile(join(ROOT, 'LICENSE'), 'utf8'))
    await write(work, 'DEBIAN/control', controlText(manifest))
    await write(work, 'DEBIAN/conffiles', '/etc/default/skerry-agent\n')
    for (const [name, text] of Object.entries(SCRIPTS)) await write(work, `DEBIAN/${name}`, text, 0o755)
    execFileSync('dpkg-deb', ['--root-owner-group', '-Zgzip', '-z6', '--build', work, `${target}.part`], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    await rename(`${target}.part`, target)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

async function write(work: string, path: string, text: string, mode = 0o644): Promise<void> {
  await mkdir(dirname(join(work, path)), { recursive: true })
  await writeFile(join(work, path), text, { mode })
}

/** The unit of `deploy`, with the launcher in place of the agent. */
async function unitText(): Promise<string> {
  const text = await readFile(join(ROOT, 'deploy/skerry-agent.service'), 'utf8')
  const start = `/${PROGRAM_FOLDER}/bin/node /${PROGRAM_FOLDER}/agent-start.mjs ${STATE}`
  return text
    .replace(/^#.*\n(?:#.*\n)*/, '# The agent of the .deb: docs/devices/installing.md.\n')
    .replace(
      /^ExecStart=.*$/m,
      `EnvironmentFile=-/etc/default/skerry-agent\nExecStart=${start} --join-file ${TOKEN} --secrets /run/skerry-secrets $SKERRY_OPTIONS`,
    )
    .replace(
      '[Service]',
      // Until somebody joins the computer to a hub, a start would fail again and again.
      `ConditionPathExists=|${TOKEN}\nConditionPathExists=|${STATE}/data/identity.json\n\n[Service]`,
    )
}

const controlText = ({ version, architectures: [name = 'x64'] }: AgentPackage): string => `Package: skerry-agent
Version: ${version.replace('-', '~')}
Architecture: ${ARCHITECTURES[name]}
Maintainer: Skerry
Section: net
Priority: optional
Depends: libc6 (>= 2.28), libstdc++6, passwd
Description: Skerry agent
 Makes this computer a device of a Skerry hub, which deploys models to it.
 The hub updates the agent afterwards.
`

const JOIN = `#!/bin/sh
# Joins this computer to a hub: skerry-agent-join TOKEN ("skerry device token create" makes one)
set -eu
[ "$(id -u)" = 0 ] || { echo 'skerry-agent-join: run this as root' >&2; exit 1; }
[ $# = 1 ] || { echo 'usage: skerry-agent-join TOKEN' >&2; exit 2; }
install -d -o root -g skerry -m 750 ${dirname(TOKEN)}
printf '%s\\n' "$1" | install -o skerry -g skerry -m 600 /dev/stdin ${TOKEN}
if [ -d /run/systemd/system ]; then
  systemctl restart skerry-agent.service
  echo 'The agent runs as skerry-agent.service; "systemctl status skerry-agent" shows it.'
fi
`

const SCRIPTS = {
  postinst: `#!/bin/sh
set -eu
[ "$1" = configure ] || exit 0
id skerry >/dev/null 2>&1 || useradd --system --home-dir ${STATE} --shell /usr/sbin/nologin skerry
install -d -o skerry -g skerry -m 700 ${STATE}
if [ -f /etc/systemd/system/skerry-agent.service ]; then
  echo 'skerry-agent: the unit in /etc/systemd/system, which install.sh made, stays in use; remove it to use the one of this package' >&2
fi
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
  systemctl enable skerry-agent.service
  # An upgrade brings a launcher, which the next start uses. Models serve on until then.
  systemctl is-active --quiet skerry-agent.service || systemctl start skerry-agent.service
fi
[ -f ${TOKEN} ] || [ -d ${STATE}/data ] || echo 'skerry-agent: join this computer to a hub with "skerry-agent-join TOKEN"'
`,
  prerm: `#!/bin/sh
set -eu
if [ "$1" = remove ] && [ -d /run/systemd/system ]; then systemctl disable --now skerry-agent.service; fi
`,
  postrm: `#!/bin/sh
set -eu
if [ -d /run/systemd/system ]; then systemctl daemon-reload; fi
# Keys, records and models of the device go only with "apt purge".
if [ "$1" = purge ]; then rm -rf ${STATE} ${TOKEN}; fi
`,
}
