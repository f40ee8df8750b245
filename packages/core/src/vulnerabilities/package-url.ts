/** Package URL: the package of a component, in the words of OSV. [package-url/purl-spec; osv-schema, "affected.package"] */

export type PackageComponent = {
  purl: string
  /** With the release of a distribution, such as `Debian:12`, if the component states it. */
  ecosystem: string
  package: string
  version: string
}

/** The ecosystem of OSV by the type of a package URL. */
const ECOSYSTEMS: Readonly<Record<string, string>> = {
  npm: 'npm',
  pypi: 'PyPI',
  golang: 'Go',
  cargo: 'crates.io',
  maven: 'Maven',
  nuget: 'NuGet',
  gem: 'RubyGems',
  composer: 'Packagist',
  hex: 'Hex',
  pub: 'Pub',
  deb: 'Debian',
  apk: 'Alpine',
}

const PURL = /^pkg:([A-Za-z0-9.+-]+)\/([^@?#]+)@([^?#]+)(?:\?([^#]*))?/

/** Undefined if the component has no version, or no ecosystem that advisories know. */
export function readPackageUrl(purl: string): PackageComponent | undefined {
  const [, type = '', path = '', version = '', query = ''] = PURL.exec(purl) ?? []
  const base = ECOSYSTEMS[type.toLowerCase()]
  if (base === undefined) return undefined
  const parts = path.split('/').map(decoded)
  const qualifiers = qualifiersOf(query)
  const isSystem = base === 'Debian' || base === 'Alpine'
  // Advisories of distributions name source packages. Scanners state the source as the qualifier `upstream`.
  const source = isSystem ? qualifiers.get('upstream') : undefined
  const [plainSource = '', sourceVersion = version] = (source ?? '').split('@')
  const name = isSystem ? plainSource || (parts.at(-1) ?? '') : nameOf(base, parts)
  const isUbuntu = base === 'Debian' && parts[0] === 'ubuntu'
  const ecosystem = isSystem ? systemOf(isUbuntu ? 'Ubuntu' : base, qualifiers.get('distro')) : base
  return name === '' ? undefined : { purl, ecosystem, package: name, version: decoded(sourceVersion) }
}

function nameOf(base: string, parts: readonly string[]): string {
  if (base === 'Maven') return parts.join(':')
  // [PEP 503] PyPI takes these spellings for one name.
  if (base === 'PyPI') return (parts.at(-1) ?? '').toLowerCase().replace(/[-_.]+/g, '-')
  return parts.join('/')
}

/** `debian-12` is `Debian:12`, and `alpine-3.19.1` is `Alpine:v3.19`. */
function systemOf(base: string, distro: string | undefined): string {
  const [, release] = /(?:^|-)(\d+(?:\.\d+)?)(?:\.\d+)*$/.exec(distro ?? '') ?? []
  if (release === undefined) return base
  return base === 'Alpine' ? `Alpine:v${release}` : `${base}:${release}`
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** The qualifiers behind the question mark. */
const qualifiersOf = (query: string): ReadonlyMap<string, string> =>
  new Map(
    query.split('&').map((pair) => {
      const [name = '', ...rest] = pair.split('=')
      return [name, decoded(rest.join('='))]
    }),
  )
