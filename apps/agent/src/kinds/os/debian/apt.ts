/** Apt: the calls of apt and dpkg. Each one has a time limit, and no terminal, no question and no variable of the agent. */
import { type Ran, runTool } from '../run-tool.ts'

export type Apt = {
  /** The architecture of the machine, such as `amd64`. */
  architecture(signal: AbortSignal): Promise<string>
  /** The versions of all installed packages, by name. */
  installed(signal: AbortSignal): Promise<ReadonlyMap<string, string>>
  update(signal: AbortSignal): Promise<Ran>
  /** Prints the changes that the installation would make. */
  simulate(words: readonly string[], signal: AbortSignal): Promise<Ran>
  download(words: readonly string[], signal: AbortSignal): Promise<Ran>
  install(words: readonly string[], signal: AbortSignal): Promise<Ran>
  /** Installs and removes in one change. The caller has simulated it, and allows its removals. */
  exchange(words: readonly string[], signal: AbortSignal): Promise<Ran>
  /** Ends an installation that was interrupted. */
  repair(signal: AbortSignal): Promise<Ran>
}

/** [apt.conf(5)] Another user of dpkg, such as unattended-upgrades, ends within minutes. */
const LOCK_SECONDS = 120

/** Files of the configuration that a person changed stay as they are. */
const APT = [
  '-y',
  '-q',
  '-o',
  `DPkg::Lock::Timeout=${LOCK_SECONDS}`,
  '-o',
  'Dpkg::Options::=--force-confdef',
  '-o',
  'Dpkg::Options::=--force-confold',
  '-o',
  'Dpkg::Use-Pty=0',
]

const EXCHANGE = ['install', '--allow-downgrades', '--no-install-recommends']
const INSTALL = [...EXCHANGE, '--no-remove']

/** The variables that say where apt and dpkg work. All others stay with the agent. */
const PASSED = ['PATH', 'APT_CONFIG', 'DPKG_ROOT', 'DPKG_ADMINDIR', 'TMPDIR']

/** [dpkg-query(1), -f] Name, version and state of a package on each line. */
const FORM = `${['binary:Package', 'Version', 'db:Status-Status'].map((field) => `$\{${field}}`).join(' ')}\\n`

export function openApt(environment: NodeJS.ProcessEnv): Apt {
  const passed = Object.fromEntries(PASSED.map((name) => [name, environment[name]]))
  const env = { ...passed, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive', HOME: '/nonexistent' }
  const run = (program: string, words: readonly string[], signal: AbortSignal) =>
    runTool({ program, words, env }, signal)
  const apt = (words: readonly string[], signal: AbortSignal) => run('apt-get', [...APT, ...words], signal)
  const architecture = async (signal: AbortSignal) => {
    const printed = await run('dpkg', ['--print-architecture'], signal)
    if (!printed.ok) throw new Error(`dpkg: ${printed.text}`)
    return printed.text.trim()
  }
  return {
    architecture,
    async installed(signal) {
      const listed = await run('dpkg-query', ['-W', '-f', FORM], signal)
      if (!listed.ok && !/no packages found/.test(listed.text)) throw new Error(`dpkg-query: ${listed.text}`)
      return installedIn(listed.ok ? listed.text : '', await architecture(signal))
    },
    update: (signal) => apt(['update', '--error-on=any'], signal),
    simulate: (words, signal) => apt(['-s', ...EXCHANGE, ...words], signal),
    download: (words, signal) => apt([...INSTALL, '--download-only', ...words], signal),
    install: (words, signal) => apt([...INSTALL, ...words], signal),
    exchange: (words, signal) => apt([...EXCHANGE, ...words], signal),
    repair: (signal) => run('dpkg', ['--configure', '-a', '--force-confdef', '--force-confold'], signal),
  }
}

/**
 * [dpkg-query(1), binary:Package] A package of another architecture is printed as `NAME:ARCH`, as in lists. So is one that
 * can be installed for two architectures. Apt prints its own architecture never.
 */
function installedIn(text: string, architecture: string): Map<string, string> {
  const versions = new Map<string, string>()
  for (const line of text.split('\n')) {
    const [name, version, status] = line.split(' ')
    if (name !== undefined && version !== undefined && status === 'installed')
      versions.set(nativeName(name, architecture), version)
  }
  return versions
}

/** The name as apt prints it. */
export const nativeName = (name: string, architecture: string): string =>
  name.endsWith(`:${architecture}`) ? name.slice(0, -architecture.length - 1) : name
