import { Spec, Validation } from '@cyclonedx/cyclonedx-library'
import { expect, test } from 'vitest'
import { readLock } from '../lock.ts'
import { sbomDocument } from './sbom-document.ts'

const lock = readLock()
const kinds = ['dependencies', 'optionalDependencies'] as const
const document = sbomDocument({ lock, version: '0.1.0', roots: ['apps/hub', 'apps/agent'], kinds })

test('the SBOM of Skerry fits the schema of CycloneDX 1.6', async () => {
  const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6)
  expect(await validator.validate(JSON.stringify(document))).toBeNull()
  expect(await validator.validate(JSON.stringify({ ...document, components: [{ name: 'no type' }] }))).not.toBeNull()
})

test('it names what runs with its digest, its licence and what it needs, and nothing that only builds or tests', () => {
  const named = new Map(
    document.components.map((component) => [component.purl.split('@').slice(0, -1).join('@'), component]),
  )
  const zod = named.get('pkg:npm/zod')
  expect(zod).toMatchObject({ type: 'library', version: lock['node_modules/zod']?.version })
  expect(zod?.hashes).toEqual([{ alg: 'SHA-512', content: expect.stringMatching(/^[0-9a-f]{128}$/) }])
  expect(zod?.licenses).toEqual([{ license: { id: 'MIT' } }])
  expect(named.get('pkg:npm/%40hpke/core')).toMatchObject({ group: '@hpke', name: 'core' })
  expect(named.get('pkg:npm/%40skerry/hub')).toMatchObject({ type: 'application' })
  expect([...named.keys()].filter((purl) => /vitest|biome|testkit|playwright/.test(purl))).toEqual([])
  const refs = new Set(document.components.map((component) => component['bom-ref']))
  expect(refs.size).toBe(document.components.length)
  const hub = document.dependencies.find(({ ref }) => ref.startsWith('pkg:npm/%40skerry/hub@'))
  expect(hub?.dependsOn).toContain(`pkg:npm/fastify@${lock['node_modules/fastify']?.version}#node_modules/fastify`)
  const loose = document.dependencies.flatMap(({ dependsOn }) => dependsOn.filter((ref) => !refs.has(ref)))
  expect(loose).toEqual([])
})

test('the same lock gives the same document', () => {
  const again = sbomDocument({ lock, version: '0.1.0', roots: ['apps/hub', 'apps/agent'], kinds })
  expect(again).toEqual(document)
  const other = sbomDocument({ lock, version: '0.1.0', roots: ['apps/agent'], kinds })
  expect(other.serialNumber).not.toBe(document.serialNumber)
})
