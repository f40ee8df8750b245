/**
 * System manifest: a release of a system as people write it.
 *
 *     apiVersion: skerry/v1
 *     kind: SystemRelease
 *     metadata: { name }
 *     spec: { description, parts: [{ name, version, digest, serving, config }] }
 */

import { readYaml } from '@skerry/client/manifests/yaml-documents'
import { VersionReference } from '@skerry/contract/models/model'
import { PARTS_MAX, SystemPart, SystemRelease } from '@skerry/contract/systems/system-release'
import { Name } from '@skerry/contract/values/names'
import { MANIFEST_VERSION } from '@skerry/core/deployments/deployment-manifest'
import * as z from 'zod'
import { fail } from '../../program/failure.ts'

const { name, digest, serving, config } = SystemPart.shape

/** People write the number of a version with or without quotes. */
const Version = z.preprocess(
  (version) => (typeof version === 'number' ? String(version) : version),
  VersionReference.default('latest'),
)

/** `digest` protects against a version of another hub with the same number. */
const WrittenPart = z.strictObject({ name, version: Version, digest: digest.optional(), serving, config })
export type WrittenPart = z.infer<typeof WrittenPart>

const SystemManifest = z.strictObject({
  apiVersion: z.literal(MANIFEST_VERSION),
  kind: z.literal('SystemRelease'),
  metadata: z.strictObject({ name: Name }),
  spec: z.strictObject({
    description: SystemRelease.shape.description,
    parts: z.array(WrittenPart).min(1).max(PARTS_MAX),
  }),
})
export type SystemManifest = z.infer<typeof SystemManifest>

/** Reads the one document of the file. Throws with the file and line of each problem. */
export function readSystemManifest(file: string, text: string): SystemManifest {
  const { values, problems } = readYaml(text, { file, schema: SystemManifest })
  const [first, second] = values
  if (problems.length > 0)
    throw fail('file_invalid', problems.map(({ place, message }) => `${place}: ${message}`).join('\n  '))
  if (!first) throw fail('file_invalid', `${file} has no document of kind SystemRelease`)
  if (second) throw fail('file_invalid', `${second.place}: a file has one release; write the others into other files`)
  return first.value
}
