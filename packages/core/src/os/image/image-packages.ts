/** Image packages: the Debian packages of an image, as a CycloneDX 1.6 document for supply chain tools [ECMA-424]. */

export type ImagePackage = {
  name: string
  version: string
  architecture: string
  source: string
  sourceVersion: string
}

/** [deb-control(5); dpkg, /var/lib/dpkg/status] The installed packages, by name. */
export function readDpkgStatus(text: string): ImagePackage[] {
  const packages = text.split(/\n\n+/).flatMap((paragraph) => {
    const fields = new Map(
      [...paragraph.matchAll(/^([A-Za-z-]+): (.*)$/gm)].map(([, key = '', value = '']) => [key, value] as const),
    )
    const [name, version] = [fields.get('Package'), fields.get('Version')]
    if (name === undefined || version === undefined || fields.get('Status') !== 'install ok installed') return []
    const [, source = name, sourceVersion = version] = /^(\S+)(?: \((\S+)\))?$/.exec(fields.get('Source') ?? name) ?? []
    return [{ name, version, architecture: fields.get('Architecture') ?? 'all', source, sourceVersion }]
  })
  return packages.toSorted((one, other) => (one.name < other.name ? -1 : 1))
}

export type ImageSbomFacts = {
  packages: readonly ImagePackage[]
  name: string
  version: string
  /** The release of Debian, such as 13. */
  release: string
  uuid: string
  timestamp: string
  /** Of the image or the bundle. */
  sha256: string
}

export type ImageSbom = {
  bomFormat: 'CycloneDX'
  specVersion: '1.6'
  serialNumber: string
  version: 1
  metadata: {
    timestamp: string
    tools: { components: { type: 'application'; name: string }[] }
    component: {
      type: 'operating-system'
      name: string
      version: string
      hashes: { alg: 'SHA-256'; content: string }[]
    }
  }
  components: { type: 'library'; 'bom-ref': string; name: string; version: string; purl: string }[]
}

/** Scanners find advisories by the source package, so the package URL states it. [purl-spec, "deb"] */
export function imageSbom({ packages, name, version, release, uuid, timestamp, sha256 }: ImageSbomFacts): ImageSbom {
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuid}`,
    version: 1,
    metadata: {
      timestamp,
      tools: { components: [{ type: 'application', name: 'skerry' }] },
      component: { type: 'operating-system', name, version, hashes: [{ alg: 'SHA-256', content: sha256 }] },
    },
    components: packages.map((each) => {
      const purl = purlOf(each, release)
      return { type: 'library', 'bom-ref': purl, name: each.name, version: each.version, purl }
    }),
  }
}

function purlOf({ name, version, architecture, source, sourceVersion }: ImagePackage, release: string): string {
  const qualifiers = [`arch=${architecture}`, `distro=debian-${release}`]
  if (source !== name || sourceVersion !== version) qualifiers.push(`upstream=${encode(`${source}@${sourceVersion}`)}`)
  return `pkg:deb/debian/${encode(name)}@${encode(version)}?${qualifiers.join('&')}`
}

const encode = (text: string) => encodeURIComponent(text).replaceAll('%3A', ':')
