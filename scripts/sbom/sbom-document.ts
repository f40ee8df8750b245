/**
 * SBOM of Skerry: what is installed where it runs, by package-lock.json, as a CycloneDX 1.6 document [https://cyclonedx.org/docs/1.6/json/]. What only builds
 * and tests is left out. Nothing is asked of the network, and the same lock gives the same document.
 */
import { createHash } from 'node:crypto'
import { type Kind, type Lock, type LockedPackage, nameAt, neededBy, needsOf } from '../lock.ts'

export type SbomOptions = { lock: Lock; version: string; roots: readonly string[]; kinds: readonly Kind[] }

/** The document: the workspaces named, and all that they need. */
export function sbomDocument({ lock, version, roots, kinds }: SbomOptions) {
  const paths = neededBy(lock, roots, kinds).toSorted()
  const application = { type: 'application', 'bom-ref': `pkg:npm/skerry@${version}`, name: 'skerry', version }
  const components = paths.map((path) => componentAt(lock, path))
  const dependencies = [
    { ref: application['bom-ref'], dependsOn: roots.map((path) => refOf(lock, path)) },
    ...paths.map((path) => ({
      ref: refOf(lock, path),
      dependsOn: needsOf(lock, path, kinds).map((need) => refOf(lock, need)),
    })),
  ]
  const content = createHash('sha256').update(JSON.stringify({ components, dependencies })).digest('hex')
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuidOf(content)}`,
    version: 1,
    metadata: {
      component: { ...application, purl: application['bom-ref'], licenses: [{ license: { id: 'Apache-2.0' } }] },
    },
    components,
    dependencies,
  }
}

function componentAt(lock: Lock, path: string) {
  const entry = lock[path] ?? {}
  const { group, name } = splitName(nameOf(entry, path))
  const { version = '', license, integrity } = entry
  return {
    type: isOurs(path) ? 'application' : 'library',
    'bom-ref': refOf(lock, path),
    ...(group !== undefined && { group }),
    name,
    version,
    ...(entry.optional === true && { scope: 'optional' }),
    ...(integrity !== undefined && { hashes: hashesOf(integrity) }),
    ...(license !== undefined && { licenses: [licenceOf(license)] }),
    purl: purlOf(nameOf(entry, path), version),
    ...(entry.resolved !== undefined && {
      externalReferences: [{ type: 'distribution', url: entry.resolved }],
    }),
  }
}

const isOurs = (path: string) => !path.includes('node_modules/')

const nameOf = ({ name }: LockedPackage, path: string) => name ?? (isOurs(path) ? path : nameAt(path))

function splitName(full: string): { group: string | undefined; name: string } {
  const [, group, name = full] = /^(@[^/]+)\/(.+)$/.exec(full) ?? []
  return { group, name }
}

/** [package-url, npm] */
const purlOf = (name: string, version: string) => `pkg:npm/${name.replace('@', '%40')}@${version}`

/** A package may be there twice, in two folders: the folder tells them apart. */
const refOf = (lock: Lock, path: string) =>
  `${purlOf(nameOf(lock[path] ?? {}, path), lock[path]?.version ?? '')}#${path}`

/** [W3C SRI] npm writes one hash, or several. */
const hashesOf = (integrity: string) =>
  integrity.split(' ').map((each) => {
    const [algorithm = '', base64 = ''] = each.split(/-(.*)/s)
    return {
      alg: algorithm.toUpperCase().replace('SHA', 'SHA-'),
      content: Buffer.from(base64, 'base64').toString('hex'),
    }
  })

const licenceOf = (text: string) => (/^[\w.-]+$/.test(text) ? { license: { id: text } } : { expression: text })

/** [RFC 9562, 5.8] Version 8: bits of our own choice, here of the content. */
const uuidOf = (hex: string) =>
  [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-')
