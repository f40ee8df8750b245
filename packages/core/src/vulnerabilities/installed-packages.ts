/**
 * Installed packages: the packages in the files of a container image, as package URLs. It reads the records of package
 * managers and the manifests of installed packages. A program that was only copied into the image leaves no record, so
 * it is not found.
 */
import { parseJson } from '../values/parse-json.ts'

/** [FHS; dpkg(1); apk-db] The records of the system's packages. Images without a shell have one file for each package. */
const SYSTEM =
  /^(?:var\/lib\/dpkg\/status(?:\.d\/[^/]+)?|(?:usr\/)?lib\/apk\/db\/installed|(?:etc|usr\/lib)\/os-release)$/
const NPM = /(?:^|\/)node_modules\/(?:@[^/]+\/)?[^/@][^/]*\/package\.json$/
const PYTHON = /\.(?:dist-info\/METADATA|egg-info\/PKG-INFO)$/

/** Whether the file of this path can name packages. Checksums of packages lie beside the records. */
export const namesPackages = (path: string): boolean =>
  !path.endsWith('.md5sums') && (SYSTEM.test(path) || NPM.test(path) || PYTHON.test(path))

/** The package URLs of all files, each once. A file that cannot be read names no package. */
export function installedPackages(files: ReadonlyMap<string, string>): string[] {
  const distro = distroOf(files.get('etc/os-release') ?? files.get('usr/lib/os-release') ?? '')
  const found = [...files].flatMap(([path, text]) => {
    if (path.includes('/dpkg/status')) return debianPackages(text, distro)
    if (path.endsWith('apk/db/installed')) return alpinePackages(text, distro)
    if (NPM.test(path)) return npmPackage(text)
    return PYTHON.test(path) ? pythonPackage(text) : []
  })
  return [...new Set(found)].sort()
}

type Distro = { id: string; release: string }

/** [os-release(5)] */
function distroOf(text: string): Distro {
  const fieldOf = (name: string) => new RegExp(`^${name}="?([^"\\n]*)"?$`, 'm').exec(text)?.[1] ?? ''
  return { id: fieldOf('ID') || 'debian', release: fieldOf('VERSION_ID') }
}

const qualifiersOf = ({ id, release }: Distro, source: string) => {
  const distro = release === '' ? '' : `distro=${id}-${release}&`
  return `?${distro}upstream=${encodeURIComponent(source)}`
}

/** [deb-control(5)] Stanzas with empty lines between them. */
function debianPackages(text: string, distro: Distro): string[] {
  return text.split(/\n\s*\n/).flatMap((stanza) => {
    const fieldOf = (name: string) => new RegExp(`^${name}: *(.+)$`, 'm').exec(stanza)?.[1]?.trim()
    const [name, version, status] = [fieldOf('Package'), fieldOf('Version'), fieldOf('Status')]
    // A removed package leaves its stanza. The files of status.d have no such field.
    if (name === undefined || version === undefined || (status !== undefined && !status.endsWith(' installed')))
      return []
    const [, source = name, sourceVersion] = /^(\S+)(?: \((.+)\))?$/.exec(fieldOf('Source') ?? name) ?? []
    const upstream = sourceVersion === undefined ? source : `${source}@${sourceVersion}`
    return [`pkg:deb/${distro.id}/${name}@${encodeURIComponent(version)}${qualifiersOf(distro, upstream)}`]
  })
}

/** [apk-db] Lines of a letter and a value. `o` is the source package. */
function alpinePackages(text: string, distro: Distro): string[] {
  return text.split(/\n\s*\n/).flatMap((block) => {
    const fieldOf = (letter: string) => new RegExp(`^${letter}:(.+)$`, 'm').exec(block)?.[1]?.trim()
    const [name, version] = [fieldOf('P'), fieldOf('V')]
    if (name === undefined || version === undefined) return []
    return [`pkg:apk/alpine/${name}@${version}${qualifiersOf({ ...distro, id: 'alpine' }, fieldOf('o') ?? name)}`]
  })
}

function npmPackage(text: string): string[] {
  const { name, version } = (parseJson(text) ?? {}) as { name?: unknown; version?: unknown }
  if (typeof name !== 'string' || typeof version !== 'string' || !/^(?:@[\w.-]+\/)?[\w.-]+$/.test(name)) return []
  return [`pkg:npm/${name.replace('@', '%40')}@${encodeURIComponent(version)}`]
}

/** [Python packaging, core metadata] Headers end at the first empty line. */
function pythonPackage(text: string): string[] {
  const [head = ''] = text.split(/\r?\n\r?\n/)
  const fieldOf = (name: string) => new RegExp(`^${name}: *(\\S+)\\s*$`, 'm').exec(head)?.[1]
  const [name, version] = [fieldOf('Name'), fieldOf('Version')]
  return name === undefined || version === undefined ? [] : [`pkg:pypi/${name}@${encodeURIComponent(version)}`]
}
