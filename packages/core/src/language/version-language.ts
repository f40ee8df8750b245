/** Version languages: what the filters of a model's versions, and of the devices that serve one, may ask. */
import type { ServingDevice, Version } from '@skerry/contract/models/model'
import { rowLanguage } from './row-language.ts'

export const versionLanguage = rowLanguage({
  name: 'version',
  sample: { number: 3, sizeBytes: 6_000, golden: 16, labels: {}, aliases: ['best'], by: 'owner', digest: 'sha256:0' },
  valuesOf: ({ version, sizeBytes, goldenCases, labels, aliases, createdBy, digest }: Version) => ({
    number: version,
    sizeBytes,
    golden: goldenCases,
    labels,
    aliases,
    by: createdBy,
    digest,
  }),
  wordsOf: ({ version, labels, aliases, createdBy, digest }) =>
    [
      `version ${version}`,
      createdBy,
      digest,
      ...aliases.map((alias) => `@${alias}`),
      ...Object.entries(labels).map(([key, value]) => `${key}=${value}`),
    ].join(' '),
  example: 'version.golden > 0 && version.labels.run == "1234"',
})

export const servingLanguage = rowLanguage({
  name: 'device',
  sample: { name: 'press-12', site: 'oslo', online: true, state: 'active', requests: 10, failures: 0 },
  valuesOf: ({ name, site, liveness, state, stats }: ServingDevice) => ({
    name,
    site,
    online: liveness === 'online',
    state,
    requests: stats?.requests,
    failures: stats?.failures,
  }),
  wordsOf: ({ name, site, liveness, state, id }) => [name, site, liveness, state, id].join(' '),
  example: 'device.site == "oslo" && device.failures > 0',
})
